"""What a field and a table are."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Literal

from markupsafe import Markup

from ..i18n import LANGUAGES, Bilingual, Language, words

Kind = Literal["text", "integer", "number", "boolean", "date"]
GeometryKind = Literal["Point", "LineString", "Polygon"]
Recast = Literal["", "sum", "share", "judged", "alike", "whole"]

LEVELS = ("province", "district", "commune")
TECHNOLOGIES = ("2G", "3G", "4G", "5G")
TECHNOLOGY_NAMES = (
    ("GSM", "GPRS", "EDGE", "GSM/EDGE", "DCS", "DCS1800"),
    ("UMTS", "WCDMA", "W-CDMA", "HSPA", "HSPA+", "HSDPA", "UTRAN"),
    ("LTE", "LTE-A", "LTE Advanced", "E-UTRAN", "EUTRAN", "4G LTE", "LTE FDD", "LTE TDD"),
    ("NR", "5G NR", "NR SA", "NR NSA", "5G SA", "5G NSA", "NGRAN", "NG-RAN"),
)
"""Names of the technologies behind each generation (3GPP, GSMA)."""
VERDICTS = ("met", "missed", "not_applicable")

UNITS_EN: Mapping[str, str] = {
    "người": "people",
    "hộ": "households",
    "thôn": "villages",
    "đồng": "VND",
    "đồng/km": "VND/km",
    "đồng/năm": "VND/year",
    "đồng/km/năm": "VND/km/year",
    "ngày": "days",
    "phút": "min",
    "giờ": "hours",
    "năm": "years",
}
"""English for the units that are Vietnamese words; symbols such as km² are the same in both."""


@dataclass(frozen=True, kw_only=True)
class Field:
    """One column.

    Parameters
    ----------
    name : str
        Column name everywhere: files, code, exports. Carries its unit.
    kind : str
        Type of a value. Text is Unicode NFC; codes are text.
    title : Bilingual
        Meaning, for dictionaries, map popups and messages.
    unit : str
        Unit as printed in Vietnamese; empty where there is none. A word needs
        its English in `UNITS_EN`.
    required : bool
        The column must exist in an input file and no value may be empty.
    minimum, maximum : float, optional
        Smallest and largest admissible value, both included.
    choices : tuple of str
        The only admissible texts, if any.
    choices_vi : tuple of tuple of str
        What each choice is called in Vietnamese, the usual word first; input
        files may use these as well.
    choices_other : tuple of tuple of str
        More words for each choice that input files may use, in any language.
    pattern : str
        Regular expression a text must match whole, if any.
    aliases : tuple of str
        Other headings accepted for it in input files.
    per : {"", "service", "prerequisite"}
        The column repeats for each service (or prerequisite): see `Table.expand`.
    recast : {"", "sum", "share", "judged", "alike", "whole"}
        How units of another administrative edition get their value from those it was found
        for: the sum of their parts; the share of two such sums; judged anew by the target;
        the value that all parts have alike; the value of the one unit that it was as a whole.
        Else it is left out.
    share_of : tuple of str
        Of a share, the fields it is the quotient of: part, then whole.
    estimate_of : {"", "run", "before", "after"}
        Of an estimate by drawn errors, the run it is of. Its title says what is known of
        those errors where a run is told, see `called`.
    """

    name: str
    kind: Kind
    title: Bilingual
    unit: str = ""
    required: bool = False
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    choices_vi: tuple[tuple[str, ...], ...] = ()
    choices_other: tuple[tuple[str, ...], ...] = ()
    pattern: str = ""
    aliases: tuple[str, ...] = ()
    per: Literal["", "service", "prerequisite"] = ""
    recast: Recast = ""
    share_of: tuple[str, ...] = ()
    estimate_of: Literal["", "run", "before", "after"] = ""

    def called(self, title: Bilingual, errors: Mapping[str, Bilingual]) -> Bilingual:
        """Return what the field is called where the errors of its run are known.

        Parameters
        ----------
        title : Bilingual
            What it is called there otherwise.
        errors : mapping of str to Bilingual
            By run, as in `estimate_of`: whether its errors were assumed or calibrated.

        Returns
        -------
        Bilingual
            The same title, unless the field is an estimate.

        Examples
        --------
        >>> from phusong.tables import COMMUNES_RESULT
        >>> known = {"run": Bilingual("sai số giả định", "assumed error")}
        >>> COMMUNES_RESULT["confident_verdict"].called(Bilingual("Kết luận", "Verdict"), known).en
        'Verdict (assumed error)'
        """
        told = errors.get(self.estimate_of)
        return title if told is None else words("common.with_errors", title=title, errors=told)

    def unit_in(self, lang: Language) -> str:
        """Return the unit as printed in one language.

        Parameters
        ----------
        lang : {"vi", "en"}

        Returns
        -------
        str
            Empty where there is none.
        """
        return self.unit if lang == "vi" else UNITS_EN.get(self.unit, self.unit)

    def meaning(self, lang: Language) -> str:
        """Return the meaning with its unit.

        Parameters
        ----------
        lang : {"vi", "en"}

        Returns
        -------
        str
            As in ``Height above ground (m)``.
        """
        words = self.title[lang]
        return f"{words} ({self.unit_in(lang)})" if self.unit else words


@dataclass(frozen=True, kw_only=True)
class Table:
    """One table: its columns in order, its geometry and what identifies a row.

    Parameters
    ----------
    name : str
        Name everywhere: files, layers, keys of ``study.toml``.
    title : Bilingual
        What it holds.
    fields : tuple of Field
        In the order in which they are written.
    geometry : {"Point", "LineString", "Polygon"} or None
        Shape of a row; None for a table without a place.
    key : tuple of str
        Names of the fields that identify a row.
    one_of : tuple of str
        Of these fields, if any, an input row fills at least one.
    numbered : bool
        Rows of an input file without the key's column are numbered.
    sheet : str
        Name of its sheet in a workbook, in Vietnamese, at most 31 letters; its
        title, shortened, if empty.

    Raises
    ------
    ValueError
        If a field is repeated or `key` names none of them.
    """

    name: str
    title: Bilingual
    fields: tuple[Field, ...]
    geometry: GeometryKind | None
    key: tuple[str, ...]
    one_of: tuple[str, ...] = ()
    numbered: bool = False
    sheet: str = ""

    def __post_init__(self) -> None:
        names = [field.name for field in self.fields]
        if len(set(names)) != len(names) or not set(self.key) <= set(names):
            raise ValueError(f"table {self.name}: repeated field or unknown key")

    def __getitem__(self, name: str) -> Field:
        """Return the field called `name`.

        Raises
        ------
        KeyError
            If there is none.
        """
        for field in self.fields:
            if field.name == name:
                return field
        raise KeyError(f"{self.name} has no field {name!r}")

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the fields, in order."""
        return tuple(field.name for field in self.fields)

    def _repr_html_(self) -> str:
        """Show the columns with their meaning, for a notebook."""
        rows = (
            Markup("<tr><td><code>{}</code></td><td>{}</td><td>{}</td><td>{}</td></tr>").format(
                field.name, field.kind, field.meaning("vi"), field.meaning("en")
            )
            for field in self.fields
        )
        title = Markup("<b>{}</b>: {} / {}").format(self.name, self.title.vi, self.title.en)
        return str(Markup("{}<table>{}</table>").format(title, Markup("").join(rows)))

    def expand(
        self,
        repeated: Mapping[str, Iterable[str] | Mapping[str, Bilingual]],
        errors: Mapping[str, Bilingual] = MappingProxyType({}),
    ) -> "Table":
        """Return the table with its repeating fields written out.

        Parameters
        ----------
        repeated : mapping
            ``{"service": ids, "prerequisite": names}``; a field with
            ``per="service"`` becomes one ``<name>_<id>`` for each id, grouped
            by id. Ids may be the keys of a mapping to what each is called.
        errors : mapping of str to Bilingual
            What the titles of estimates say of their errors, see `Field.called`.

        Returns
        -------
        Table
            First the fields that do not repeat.

        Examples
        --------
        >>> from phusong.tables import COMMUNES_RESULT
        >>> COMMUNES_RESULT.expand({"service": ["4g"]})["covered_population_share_4g"].kind
        'number'
        """
        told = [replace(field, title=field.called(field.title, errors)) for field in self.fields]
        fields = [field for field in told if not field.per]
        for group, ids in repeated.items():
            called = _distinct(ids) if isinstance(ids, Mapping) else {}
            for suffix in ids:
                known = called.get(suffix, Bilingual(suffix, suffix))
                fields += [
                    replace(
                        field,
                        name=f"{field.name}_{suffix}",
                        title=Bilingual(
                            *(f"{field.title[lang]} [{known[lang]}]" for lang in LANGUAGES)
                        ),
                        per="",
                        share_of=tuple(
                            f"{name}_{suffix}" if self[name].per == group else name
                            for name in field.share_of
                        ),
                    )
                    for field in told
                    if field.per == group
                ]
        return replace(self, fields=tuple(fields))


def _distinct(called: Mapping[str, Bilingual]) -> dict[str, Bilingual]:
    """Return what each id is called, with the id behind a name that another has too."""
    times = {lang: Counter(name[lang] for name in called.values()) for lang in LANGUAGES}
    return {
        each: Bilingual(
            *(
                name[lang] if times[lang][name[lang]] == 1 else f"{name[lang]} ({each})"
                for lang in LANGUAGES
            )
        )
        for each, name in called.items()
    }
