"""The command line ``penstock``: one module a command, thin above the library."""

from __future__ import annotations
