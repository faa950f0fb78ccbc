"""Forms that no rule makes and that dictionaries list as words by themselves: won of win, visto of vedere.

It is a closed list of strong verbs and old plurals; what inflects by rule is in the tables.
"""

from __future__ import annotations


def _pairs(text: str) -> dict[str, tuple[str, ...]]:
    """Lines of `word form form`."""
    return {word: tuple(forms) for word, *forms in (line.split() for line in text.split(","))}


_WHOLE = {
    "en": _pairs(
        "bear bore borne,bend bent,bind bound,bite bit,break broke,do did done,drink drunk,feel felt,go went gone,"
        "leave left,ring rung,rise rose,shake shook,shoot shot,swear swore,think thought,win won,wind wound,"
        "person people,life lives,wife wives,leaf leaves,thief thieves,half halves,shelf shelves,bad worse worst"
    ),
}
#: Ends of verbs -> ends of their participles, whose last letter changes with gender and number.
_PARTICIPLES = {
    "it": _pairs(
        "scrivere scritto,mettere messo,vedere visto,dire detto,fare fatto,porre posto,durre dotto,prendere preso,"
        "chiudere chiuso,aprire aperto,coprire coperto,offrire offerto,correre corso,volgere volto,giungere giunto,"
        "leggere letto,muovere mosso,rompere rotto,figgere fisso,primere presso,spendere speso,fendere feso,"
        "tendere teso,cendere ceso,scendere sceso,cogliere colto,sciogliere sciolto,togliere tolto,scegliere scelto,"
        "vincere vinto,tingere tinto,fingere finto,pungere punto,nascere nato,morire morto,rimanere rimasto,"
        "chiedere chiesto,rispondere risposto,cidere ciso,videre viso,perdere perso,plodere ploso,cutere cusso,"
        "trarre tratto,reggere retto,proteggere protetto,struggere strutto,friggere fritto,vivere vissuto,"
        "cludere cluso,ludere luso,ridere riso,radere raso,vadere vaso,rodere roso,mergere merso,spargere sparso"
    ),
    "es": _pairs(
        "poner puesto,ver visto,hacer hecho,decir dicho,abrir abierto,cubrir cubierto,escribir escrito,romper roto,"
        "volver vuelto,solver suelto,morir muerto"
    ),
}  # fmt: skip
_ENDINGS = {"it": "oaie", "es": ("o", "a", "os", "as")}


def irregular(word: str, language: str) -> set[str]:
    """The forms of `word` (in one spelling) in `language` that are learnt by heart."""
    found = set(_WHOLE.get(language, {}).get(word, ()))
    for end, participles in _PARTICIPLES.get(language, {}).items():
        if word.endswith(end):
            stem = word.removesuffix(end) + participles[0][:-1]
            found |= {stem + ending for ending in _ENDINGS[language]}
    return found
