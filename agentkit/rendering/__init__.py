"""Reports to text, Markdown, HTML and DOCX."""
