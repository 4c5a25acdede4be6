"""Steps that find documents, or parts of documents, that are there already."""
