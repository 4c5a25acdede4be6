"""Text machinery without Spark: the compiled kernel, and the plain-Python specification that it is compared with."""
