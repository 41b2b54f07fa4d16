"""What one table says of another: codes and names that must exist on both sides."""

from collections.abc import Mapping

import geopandas as gpd

from ..errors import Problem
from ..tables import INPUT_TABLES

REFERENCES = (
    ("villages", "commune_code", "communes", "commune_code"),
    ("offices", "commune_code", "communes", "commune_code"),
    ("spans", "start", "nodes", "id"),
    ("spans", "end", "nodes", "id"),
    ("hops", "from_site", "cells", "site_id"),
    ("hops", "to_site", "cells", "site_id"),
)
"""Table and column, and the table and column in which its values must be found."""


def check_references(tables: Mapping[str, gpd.GeoDataFrame]) -> tuple[Problem, ...]:
    """Find values that name a row of another table which is not there.

    Parameters
    ----------
    tables : mapping of str to GeoDataFrame
        Tables as `read_table` returns them, by name; a reference to a table
        that is absent is not checked.

    Returns
    -------
    tuple of Problem
        One for each unknown value of a column, with the number of rows that
        have it and the key of the first.

    Examples
    --------
    >>> import pandas as pd
    >>> communes = pd.DataFrame({"commune_code": ["00715"]})
    >>> villages = pd.DataFrame({"village_id": ["v1"], "commune_code": ["00751"]})
    >>> [problem.value for problem in check_references(dict(communes=communes, villages=villages))]
    ['00751']
    """
    problems: list[Problem] = []
    for name, column, other, target in REFERENCES:
        if name not in tables or other not in tables:
            continue
        table = tables[name]
        values = table[column].dropna()
        key = INPUT_TABLES[name].key[0]
        for value, rows in table.loc[values[~values.isin(tables[other][target])].index].groupby(
            column
        ):
            problems.append(
                Problem(
                    message="inputs.unknown_reference",
                    file=table.attrs.get("file", name),
                    column=column,
                    value=value,
                    values={"table": other, "count": len(rows), "first": rows[key].iloc[0]},
                )
            )
    return tuple(problems)
