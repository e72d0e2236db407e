"""Text of HTML mail."""

from __future__ import annotations

import pytest

from mailserver.mime.html_text import html_to_text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<p>một</p><p>hai</p>", "một\n\nhai"),
        ("a<br>b<BR/>c", "a\nb\nc"),
        ("<b>x</b>y", "xy"),
        ("a &amp; b &lt;c&gt; &eacute;&#7879;&#x1EC7;", "a & b <c> éệệ"),
        ("a&nbsp;b", "a b"),
        ("<script>alert('</p>')</script>x", "x"),
        ("<STYLE type=a>p{}</sTyLe >x", "x"),
        ("<head><title>t</title></head><body>x</body>", "x"),
        ("<!-- <p>hidden</p> -->x", "x"),
        ("x<!-- unclosed", "x"),
        ("x<script>unclosed", "x"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\n\nc"),
        ("3 < 4 and 5 > 4", "3 < 4 and 5 > 4"),
        ("<p\nclass='a'>x</p>", "x"),
        ("dòng\nmột", "dòng một"),
        ("&#99999999999999999999;x", "\ufffdx"),
        ("&#" + "1" * 5_000 + ";x", "\ufffdx"),
        ("İ<script>x</script>y", "İy"),
        ("", ""),
    ],
)
def test_visible_text(source: str, text: str) -> None:
    assert html_to_text(source) == text
