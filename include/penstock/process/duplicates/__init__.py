"""Steps that find what was there before."""

"""Steps that find documents, or parts of documents, that are there already."""
