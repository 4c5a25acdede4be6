"""What C4 looks for in lines (Raffel et al. 2020, arXiv:1910.10683, section 2.2; c4_utils.py of its authors).

Apart from `penstock.text.characters`: a recipe's steps name these, and must be quick to import.
"""

from __future__ import annotations

LOREM, JAVASCRIPT = "lorem ipsum", "javascript"
POLICY = ("terms of use", "privacy policy", "cookie policy", "uses cookies", "use of cookies", "use cookies")
