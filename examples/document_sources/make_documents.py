"""Makes the sample documents in `examples/documents`; everything and everyone in them is invented.

Run it after changing a text here: `python examples/document_sources/make_documents.py`. The same texts
give the same bytes.
"""

from pathlib import Path

from lease import make_lease
from services import make_services

HERE = Path(__file__).parent
OUT = HERE.parent / "documents"


def main() -> None:
    """Write the PDF and the DOCX; the HTML, Markdown and text documents are written by hand."""
    OUT.mkdir(exist_ok=True)
    make_lease(HERE / "lease.txt", OUT / "lease.pdf")
    make_services(HERE / "services.txt", OUT / "services-agreement.docx")


if __name__ == "__main__":
    main()
