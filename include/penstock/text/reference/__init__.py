"""What the kernel computes, in plain Python: slow, short, and the definition that tests compare the kernel with."""
