"""The text rules as machine code: numba over Arrow buffers, no compiler needed (docs/text_kernel.md).

Importing a module of this package imports numba, which costs half a second: import them inside of functions.
"""
