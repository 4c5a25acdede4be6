"""Steps that find what was there before."""
