"""Section of study.toml about who sends official documents, to whom, and who signs."""

import datetime
from typing import Annotated, Literal

from pydantic import Field

from ._parts import Settings, Text

Numbered = Literal["report", "plan", "petition"]
Texts = Annotated[tuple[Text, ...], Field(strict=False)]
_Abbreviation = Annotated[str, Field(pattern=r"^[A-ZĐ0-9&-]{1,30}$")]


class Report(Settings):
    """What stands around the text of an official document; what is absent is left dotted.

    Parameters
    ----------
    superior, issuer : str, optional
        The body above, and the one that issues the document.
    code, unit : str, optional
        Abbreviations of the issuer, and of the unit that drafts; of them the sign is made.
    numbers : mapping, optional
        Number of each kind of document in the register: report, plan, petition.
    place : str, optional
        Where it is signed.
    date : date, optional
        The day of signing.
    addressees, recipients : tuple of str, optional
        Who is addressed, and who else gets a copy.
    archive : str, optional
        Where it is filed, such as ``"VT, BCVT"``.
    basis : tuple of str, optional
        Legal bases, each without its end mark.
    secrecy : {"mật", "tối mật", "tuyệt mật"}, optional
        How secret the document is, as the department decided.
    urgency : {"khẩn", "thượng khẩn", "hỏa tốc"}, optional
        How urgent it is.
    authority, position, signatory : str, optional
        For whom it is signed, such as ``"KT. GIÁM ĐỐC"``, the office and the name of who signs.
    """

    superior: Text | None = None
    issuer: Text | None = None
    code: _Abbreviation | None = None
    unit: _Abbreviation | None = None
    numbers: dict[Numbered, Annotated[int, Field(ge=1, le=1_000_000)]] = Field(default_factory=dict)
    place: Text | None = None
    date: datetime.date | None = None
    addressees: Texts = ()
    recipients: Texts = ()
    archive: Text | None = None
    basis: Texts = ()
    secrecy: Literal["mật", "tối mật", "tuyệt mật"] | None = None
    urgency: Literal["khẩn", "thượng khẩn", "hỏa tốc"] | None = None
    authority: Text | None = None
    position: Text | None = None
    signatory: Text | None = None
