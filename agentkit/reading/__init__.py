"""Files to documents: pages, sections, and one stable text with character offsets."""

from agentkit.reading.document import read_document
from agentkit.reading.files import expand_paths

__all__ = ["expand_paths", "read_document"]
