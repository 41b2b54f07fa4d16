"""Fibre of a study: settings and tables → reach, cut drill, what should be built."""
