"""Labelled values: Instagram names them in the language of whoever asked for the export.

A comment is written as `{"Comment": {"value": …}, "Media Owner": {"value": …}, "Time":
{"timestamp": …}}`, or with *Commentaire*, *Yorum*, *Комментарий* in the place of *Comment*. A value
is known by its label where we know the label, and else by its kind and its place: only the time is
a number, and the comment comes before the owner.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from connectors.meta_export import mend


def _known(words: str) -> frozenset[str]:
    return frozenset(_plain(word) for word in words.split(","))


def _plain(label: str) -> str:
    """Give *label* as labels are compared: mended, of one spelling, without case or a colon."""
    mended = unicodedata.normalize("NFC", mend(label, set())).replace("\u2019", "'")
    return " ".join(mended.replace("\xa0", " ").rstrip(": ").split()).casefold()


_COMMENT = _known(
    "Comment,Commentaire,Comentario,Comentariu,Commento,Kommentar,Komentarz,Koment,Opmerking,"
    "Yorum,Комментарий,تعليق"
)
_OWNER = _known(
    "Media Owner,Propriétaire du média,Propietario del contenido multimedia,"
    "Proprietario del contenuto multimediale,Proprietarul conținutului media,Medieninhaber,"
    "Media-eigenaar,Właściciel mediów,Medya sahibi,Владелец медиафайла,Pronari i medias,"
    "مالك الوسائط"
)
_USER = _known(
    "Username,Nom d'utilisateur,Nombre de usuario,Nome utente,"
    "Nume de utilizator,Benutzername,Nutzername,Gebruikersnaam,Nazwa użytkownika,"
    "Kullan\u0131c\u0131 ad\u0131,"
    "Имя пользователя,Emri i përdoruesit,اسم المستخدم"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """What was found among labelled values, as the export spells it.

    *guessed* says that a text was known by its place alone.
    """

    time: object = None
    comment: str | None = None
    owner: str | None = None
    user: str | None = None
    guessed: bool = False


def labelled(values: object) -> Labelled:
    """Read the labelled *values* of one element."""
    time: object = None
    texts: list[tuple[str, str]] = []
    for label, entry in values.items() if isinstance(values, Mapping) else ():
        if not isinstance(label, str) or not isinstance(entry, Mapping):
            continue
        if entry.get("timestamp"):
            time = entry["timestamp"] if time is None else time
        elif isinstance(text := entry.get("value"), str):
            texts.append((_plain(label), text))
    comment = _taken(texts, _COMMENT)
    owner = _taken(texts, _OWNER)
    user = _taken(texts, _USER)
    rest = iter([text for _, text in texts] if user is None else ())
    by_place = comment is None or owner is None
    first = next(rest, None) if comment is None else None
    second = next(rest, None) if owner is None else None
    return Labelled(
        time=time,
        comment=first if comment is None else comment,
        owner=second if owner is None else owner,
        user=user,
        guessed=by_place and (first is not None or second is not None),
    )


def _taken(texts: list[tuple[str, str]], known: frozenset[str]) -> str | None:
    """Take the first of *texts* whose label is *known* out of them."""
    for place, (label, text) in enumerate(texts):
        if label in known:
            del texts[place]
            return text
    return None
