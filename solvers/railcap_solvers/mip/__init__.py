"""Mixed-integer formulations, independent of the library that solves them, and the libraries behind one interface."""
