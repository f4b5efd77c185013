"""The verifier of bundles: parts of one program that needs nothing but Python itself.

`adapters.bundle.program` puts them together into the `verify.py` of a bundle.
Therefore they import the standard library and each other, nothing else, no two
of them use one name for two things, and they run on Python 3.9.
"""
