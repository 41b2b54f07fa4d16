"""Workbooks and tables to fill in."""
