"""Signs that a page's text is not the article: consent walls, checks for robots, the first lines before a
paywall.

Pure; the lists are the wording that publishers use, by language.
"""

from __future__ import annotations

import re

_CONSENT = re.compile(
    r"""cookies?\b|consent\b|\bGDPR\b|\bDSGVO\b|\bRGPD\b|privacy\s(?:policy|settings|choices|preferences|notice)
    |personali[sz]ed\s(?:ads|advertis|content)|our\s(?:\d+\s)?partners|legitimate\sinterest|(?:accept|reject)\sall
    |third[-\s]party\svendors|manage\s(?:your\s)?(?:preferences|options|settings)|\bIAB\b|\bTCF\b|tracking\b
    |datenschutz|einwilligung|zustimm|personenbezogen|berechtigte[sn]?\sinteresse|werbung\sund\stracking|pur[-\s]abo
    |consentement|données\spersonnelles|nos\s(?:\d+\s)?partenaires|traceurs|confidentialité
    |consentimiento|datos\spersonales|nuestros\s(?:\d+\s)?socios|privacidad
    |consenso|dati\spersonali|nostri\s(?:\d+\s)?partner|informativa
    |consentimento|dados\spessoais|nossos\s(?:\d+\s)?parceiros
    |toestemming|persoonsgegevens|onze\s(?:\d+\s)?partners
    |ciasteczk|zgod[aęy]\b|dan(?:e|ych)\sosobow|naszych\spartnerów|plik(?:i|ów)\scookie
    |файл\w*\scookie|куки|согласи[ея]|персональных\sданных|обработк\w+\sданных|згод[аиу]\b|персональних\sданих
    |çerez|kişisel\sveri|onay\sver|rıza|samtycke|personuppgifter|samtykke|personopplysninger|evästee|suostumu
    |souhlas|osobních\súdajů|hozzájárul|személyes\sadat|συγκατάθεσ|ملفات\sتعريف\sالارتباط|کوکی|クッキー|同意|쿠키""",
    re.IGNORECASE | re.VERBOSE,
)
_ROBOT_CHECK = re.compile(
    r"""just\sa\smoment|checking\s(?:your\sbrowser|if\sthe\ssite\sconnection)|verify(?:ing)?\s(?:that\s)?you\sare\s(?:a\s)?human
    |are\syou\sa\s(?:robot|human)|(?:enable|activate)\s(?:javascript|js)(?:\sand\scookies)?\b|pardon\sour\sinterruption
    |unusual\s(?:traffic|activity)|access\s(?:to\sthis\spage\shas\sbeen\s)?denied|attention\srequired|captcha
    |request\s(?:was\s)?(?:blocked|unsuccessful)|security\scheck|ddos[-\s]guard|bot\sprotection|cloudflare
    |bitte\saktivieren\ssie\sjavascript|veuillez\sactiver\sjavascript|проверка\sбраузера|вы\sне\sробот""",
    re.IGNORECASE | re.VERBOSE,
)
_PAYWALL = re.compile(
    r"""(?:subscribe|sign\sin|log\sin|register|sign\sup)\s(?:now\s)?(?:to|for\sfull\saccess)\b|subscribers?\sonly|already\sa\s(?:subscriber|member)
    |(?:continue|keep)\sreading|to\sread\s(?:the\s)?(?:full|rest|this|more)|free\strial|unlock\sth(?:is|e)\sarticle|this\sarticle\sis\sfor
    |(?:jetzt|weiter)\s?lesen|abonnent|\bplus[-\s]artikel|zugang\szu\sallen|mit\s\S{1,20}plus\b|artikel\sfreischalten|probemonat
    |réservée?s?\saux\sabonnés|abonnez[-\s]vous|pour\slire\sla\ssuite|il\svous\sreste\s[\d.,]+\s?%|déjà\sabonné
    |solo\spara\ssuscriptores|suscr[ií]bete|para\sseguir\sleyendo|ya\seres\ssuscriptor
    |riservato\sagli\sabbonati|abbonati\sper|continua\sa\sleggere|sei\sgià\sabbonato|assinantes?\b|continuar\slendo|assine\b
    |alleen\svoor\sabonnees|lees\sverder|word\sabonnee|tylko\sdla\sprenumerator|czytaj\sdalej|wykup\s(?:dostęp|prenumerat)
    |для\sподписчиков|оформите\sподписку|подпишитесь,?\sчтобы|читать\sдалее|продолжени[ея]\sдоступно|передплатник
    |för\sprenumeranter|läs\svidare|logga\sin\sför|for\sabonnenter|les\svidere|abonelere|üye\solun|購読者限定|会員限定|有料会員|구독""",
    re.IGNORECASE | re.VERBOSE,
)
_NOT_FREE = re.compile(r"\\?[\"']?\s*:\s*\\?[\"']?\s*false", re.IGNORECASE)
_SENTENCE = re.compile(r"[^.!?。！？\n]+[.!?。！？\n]*")
_ENDS = (".", "!", "?", "…", ":", "。", "！", "？", "”", "“", "»", '"', "۔", "।")
_SHORT = 2500
_STUB = 1500


def defect_of(title: str, text: str, html: str) -> str:
    """ "" or what is wrong with this as an article's text."""
    if not text.strip():
        return "robot check" if _ROBOT_CHECK.search(title) else "empty"
    if len(text) > _SHORT:
        return ""
    if _is_robot_check(title, text):
        return "robot check"
    if is_consent(text):
        return "consent wall"
    return "stub" if _is_stub(text, html) else ""


def is_consent(text: str) -> bool:
    """Whether a short text is about consent as a whole: more than half of what it says, in two sentences or
    more."""
    sentences = [sentence for sentence in _SENTENCE.findall(text) if len(sentence.strip()) > 3]
    about = [sentence for sentence in sentences if _CONSENT.search(sentence)]
    cues = {cue.lower() for cue in _CONSENT.findall(text)}
    return len(cues) >= 2 and sum(map(len, about)) * 2 > sum(map(len, sentences))


def is_menu(text: str) -> bool:
    """Whether a text is a site's navigation rather than an article: many lines, few of them sentences."""
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    said = sum(len(line) for line in lines if len(line) > 80 or line.endswith(_ENDS))
    return len(lines) > 15 and said * 2 < sum(map(len, lines))


def _is_robot_check(title: str, text: str) -> bool:
    if len(text) > 600:
        return False
    return bool(_ROBOT_CHECK.search(title) or len(_ROBOT_CHECK.findall(text)) * 150 >= len(text))


def _is_stub(text: str, html: str) -> bool:
    """The first lines of an article that is sold: short, and saying so at the end or in its metadata."""
    return len(text) < _STUB and bool(_PAYWALL.search(text[-300:]) or _says_paid(html))


def _says_paid(html: str) -> bool:
    """schema.org's isAccessibleForFree: false, found by plain search: a regex over the page costs 5 ms."""
    name = "isAccessibleForFree"
    at = html.find(name)
    return at >= 0 and bool(_NOT_FREE.match(html, at + len(name)))
