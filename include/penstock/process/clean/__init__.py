"""Steps that change a text and drop nothing."""
