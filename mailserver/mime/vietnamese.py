"""The spelling of Vietnamese syllables, as data: which strings of letters could be one at all.

Written Vietnamese separates syllables by spaces, and a syllable is an onset, a rime and one of six tones. This
is what tells text in one of the old encodings from text in none: read by the wrong table, nearly no word of a
sentence is a syllable.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from mailserver.text import nfc

__all__ = ["COMMON", "MARKS", "TONES", "is_syllable", "may_be_syllable"]

# Sắc, huyền, hỏi, ngã, nặng as combining marks; and the marks that make another vowel: â, ă, ơ.
TONES: Final = "\u0301\u0300\u0309\u0303\u0323"
MARKS: Final = "\u0302\u0306\u031b"

# Syllables with marks that hardly a letter of an office is without; they decide between two tables.
_COMMON: Final = """
và của có là không được các những cho đã với để một người này từ về đến tại ở số việc theo năm ngày tháng đồng chí
công văn quyết định thông báo cáo kính gửi ủy nhân dân tỉnh huyện xã phường sở phòng đơn vị thực hiện kế hoạch quản lý
nước nhà hội nghị họp đề xuất ý kiến trước sau trên dưới giữa phải cần sẽ đang vẫn cũng như thì nếu khi mà rồi lại ra
tổ chức cá hồ sơ giải thủ tục hành chính đất đường xây dựng dự án đầu tư tài kinh phí ngân sách chủ tịch giám đốc phó
trưởng bộ cán viên lãnh đạo chỉ báo tiến độ kết quả thời gian địa bàn khu vực lần thứ điều khoản quy chế pháp luật
xử phối hợp yêu cầu đảm bảo bảo vệ môi trường giáo dục tế kỹ thuật phát triển cộng hòa chủ nghĩa việt độc lập tự hạnh
phúc ông bà anh chị nguyễn trần lê phạm văn thị đức cảm ơn xin nội ngoài rất nhiều mới cấp giấy bản kèm trả lời
"""
COMMON: Final = frozenset(_COMMON.split())

_CONSONANTS: Final = "b c ch d đ g gh gi h k kh l m n ng ngh nh p ph qu r s t th tr v x"
_ONSETS: Final = frozenset(("", *_CONSONANTS.split()))
_RIMES: Final = """
a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây e ec em en eng eo ep et
ê êch êm ên ênh êp êt êu i ia ich im in inh ip it iu iêc iêm iên iêng iêp iêt iêu y yêm yên yêng yêt yêu
o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet oi om on ong ooc oong
op ot ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt u ua uân uâng uât uây uc ui um un ung up ut uê uêch uên uênh
uôc uôi uôm uôn uông uôt uơ uy uya uych uyên uyêt uynh uyt uyu uyn
ư ưa ưc ưi ưng ưt ưu ươc ươi ươm ươn ương ươp ươt ươu
"""
# Behind "qu", whose u is a glide: quý, quyết, quynh, quých.
_AFTER_QU: Final = ("ych", "yêt", "yn", "ynh", "yp", "yt")
# c, g, ng are written k, gh, ngh before these.
_FRONT: Final = frozenset("eêiy")
_BEFORE_FRONT_ONLY: Final = frozenset(("k", "gh", "ngh"))
_NEVER_BEFORE_FRONT: Final = frozenset(("c", "g", "ng"))
# y alone is a rime of few onsets: kỹ, lý, mỹ, tỷ, hy, sỹ, vy, quý, and others in names.
_BEFORE_Y: Final = frozenset(("", "h", "k", "l", "m", "s", "t", "v", "qu", "th", "b"))
_STOPS: Final = ("c", "ch", "p", "t")
_SHARP_TONES: Final = frozenset((1, 5))
_VOWELS: Final = frozenset("aăâeêioôơuưy")
_LONGEST: Final = 7  # letters: "nghiêng"


def _tone_places(rime: str) -> frozenset[int]:
    """Which letters of a rime may bear its tone: both ways of oa, oe, uy (hoà, hòa) are in use."""
    vowels = [at for at, letter in enumerate(rime) if letter in _VOWELS]
    marked = [at for at in vowels if rime[at] in "ăâêôơư"]
    if marked:
        return frozenset(marked[-1:])
    if vowels[-1] < len(rime) - 1:
        return frozenset(vowels[-1:])
    if rime in ("oa", "oe", "uy"):
        return frozenset(vowels)
    return frozenset(vowels[1:2] if len(vowels) == 3 else vowels[:1])


_PLACES: Final = {rime: _tone_places(rime) for rime in (*_RIMES.split(), *_AFTER_QU)}


def _letters() -> dict[str, tuple[str, int]]:
    """Each letter of the alphabet with a tone: the letter without it, and the tone's number from 1 on."""
    found = {}
    for vowel in sorted(_VOWELS):
        for number, tone in enumerate(TONES, 1):
            found[nfc(vowel + tone)] = (vowel, number)
    return found


_TONED: Final = _letters()
_PLAIN: Final = str.maketrans({letter: plain for letter, (plain, _) in _TONED.items()})


@lru_cache(maxsize=16_384)
def is_syllable(word: str) -> bool:
    """Whether `word` (letters in NFC, any case) is spelled like a Vietnamese syllable, tone and its place included."""
    return len(word) <= _LONGEST and _fits(word.lower(), strict=True)


@lru_cache(maxsize=16_384)
def may_be_syllable(word: str) -> bool:
    """As `is_syllable`, but a stop at the end needs no tone: "cac" is how "các" is written without marks."""
    return len(word) <= _LONGEST and _fits(word.lower(), strict=False)


def _fits(word: str, *, strict: bool) -> bool:
    tones = [(at, _TONED[letter][1]) for at, letter in enumerate(word) if letter in _TONED]
    if len(tones) > 1:
        return False
    place, tone = tones[0] if tones else (-1, 0)
    plain = word.translate(_PLAIN)
    for length in range(min(3, len(plain)), -1, -1):
        onset, rime = plain[:length], plain[length:]
        if onset in _ONSETS and _joined(onset, rime) and _toned(rime, place - length, tone, strict=strict):
            return True
    return False


def _joined(onset: str, rime: str) -> bool:
    if rime not in _PLACES or (rime in _AFTER_QU and onset != "qu"):
        return False
    front = rime[0] in _FRONT
    if (front and onset in _NEVER_BEFORE_FRONT and not (onset == "g" and rime[0] == "i")) or (
        not front and onset in _BEFORE_FRONT_ONLY
    ):
        return False
    return rime != "y" or onset in _BEFORE_Y


def _toned(rime: str, place: int, tone: int, *, strict: bool) -> bool:
    if rime.endswith(_STOPS) and tone not in _SHARP_TONES and (strict or tone):
        return False
    return not tone or place in _PLACES[rime]
