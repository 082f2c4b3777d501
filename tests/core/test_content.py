"""Contract 9.1, 9.2, 9.3 row by row, with F15, F35, F36 and F37; limits of 3.9."""

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mtchat.core.content import MAX_CONTENT_CHARS, check_message_content, clean_html, has_visible_text
from mtchat.core.errors import InvalidInput

REL = 'rel="noopener noreferrer"'
ALLOWED_TAGS = "p br strong b em i u s strike a ul ol li blockquote code pre span".split()


@pytest.mark.parametrize("tag", [tag for tag in ALLOWED_TAGS if tag not in ("br", "a")])
def test_an_allowed_tag_is_kept(tag: str) -> None:
    assert clean_html(f"<{tag}>x</{tag}>") == f"<{tag}>x</{tag}>"


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("<h2>Load</h2><div>two</div>", "Loadtwo"),
        ('<a href="javascript:x()">go</a>', f"<a {REL}>go</a>"),
        (
            '<a href="https://e.example/?a=1&b=2" target="_blank">go</a>',
            f'<a href="https://e.example/?a=1&amp;b=2" target="_blank" {REL}>go</a>',
        ),
        ('<ol start="3"><li>x</li></ol>', "<ol><li>x</li></ol>"),
        ("<textarea><b>x</b></textarea>", "&lt;b&gt;x&lt;/b&gt;"),
        ("<img src=x onerror=1>", ""),
    ],
)
def test_the_examples_of_the_contract_9_1(sent: str, stored: str) -> None:
    assert clean_html(sent) == stored


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        # removed with content
        ("a<script>x()</script>b", "ab"),
        ("a<style>p{}</style>b", "ab"),
        ("a<template><p>x</p></template>b", "ab"),
        ("a<svg><text>x</text></svg>b", "ab"),
        ("a<math><mi>x</mi></math>b", "ab"),
        ("<svg><p>in</p></svg>", "<p>in</p>"),
        # text of other tags is kept
        ("<table><tr><td>x</td></tr></table>", "x"),
        ("<iframe><b>x</b></iframe>", "&lt;b&gt;x&lt;/b&gt;"),
        # comments
        ("a<!-- hidden -->b", "ab"),
        # everything else
        ('<p style="color:red" id="a" onclick="x()" cite="y" data-other="z">x</p>', "<p>x</p>"),
        ('<blockquote cite="https://e.example">x</blockquote>', "<blockquote>x</blockquote>"),
        # broken markup is repaired
        ("<p>x", "<p>x</p>"),
        ("a<br/>b", "a<br>b"),
        ("<ul><li>a<li>b</ul>", "<ul><li>a</li><li>b</li></ul>"),
        ("<b>a", "<b>a</b>"),
    ],
)
def test_the_rules_of_the_contract_9_1(sent: str, stored: str) -> None:
    assert clean_html(sent) == stored


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ('<p title="x" lang="de">t</p>', "<p>t</p>"),
        ('<span class="mtchat-mention host-button">x</span>', '<span class="mtchat-mention">x</span>'),
        ('<span class="host-button">x</span>', "<span>x</span>"),
        ('<span class="language-js">x</span>', "<span>x</span>"),
        ('<span class="mtchat-">x</span>', "<span>x</span>"),
        ('<span class="MTCHAT-x">x</span>', "<span>x</span>"),
        ('<code class="mtchat-code language-c++ evil">x</code>', '<code class="mtchat-code language-c++">x</code>'),
        (
            '<pre class="mtchat-code-block language-sql">x</pre>',
            '<pre class="mtchat-code-block language-sql">x</pre>',
        ),
        ('<p class="mtchat-x">x</p>', "<p>x</p>"),
        ('<a href="https://e.example" target="_top">x</a>', f'<a href="https://e.example" {REL}>x</a>'),
        (
            '<a href="https://e.example" target="_BLANK">x</a>',
            f'<a href="https://e.example" target="_blank" {REL}>x</a>',
        ),
    ],
)
def test_f15_classes_targets_titles_and_languages(sent: str, stored: str) -> None:
    assert clean_html(sent) == stored


@pytest.mark.parametrize(
    "href",
    ["http://e.example", "https://e.example/a?b=1#c", "HTTPS://E.example", "https://e.example:8443/", "http://[::1]/x"],
)
def test_an_absolute_http_link_is_kept(href: str) -> None:
    assert clean_html(f'<a href="{href}">x</a>') == f'<a href="{href}" {REL}>x</a>'


@pytest.mark.parametrize(
    "href",
    [
        "/x",
        "x/y",
        "?a=b",
        "#x",
        "",
        "//host.example/x",
        "\\\\host.example\\x",
        "/\\host.example",
        "https:page",
        "https:/page",
        "http://",
        "https://[bad",
        "javascript:x()",
        "JaVaScRiPt:x()",
        " javascript:x()",
        "java\nscript:x()",
        "java&#10;script:x()",
        "&#106;avascript:x()",
        "\x01javascript:x()",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "mailto:anna@e.example",
        "blob:https://e.example/1",
    ],
)
def test_f15_any_other_link_loses_its_href_and_stays(href: str) -> None:
    assert clean_html(f'<a href="{href}">x</a>') == f"<a {REL}>x</a>"


def test_space_around_a_link_is_removed() -> None:
    assert clean_html('<a href="\n https://e.example/ ">x</a>') == f'<a href="https://e.example/" {REL}>x</a>'


@pytest.mark.parametrize("sent", ["<a>x</a>", '<a rel="opener">x</a>'])
def test_every_link_gets_our_rel(sent: str) -> None:
    assert clean_html(sent) == f"<a {REL}>x</a>"


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("Tom & Ann", "Tom &amp; Ann"),
        ("3 > 2", "3 &gt; 2"),
        ("3 < 5 and 7 > 2", "3 &lt; 5 and 7 &gt; 2"),
        ("&lt;i&gt;", "&lt;i&gt;"),
        ("a\u00a0b", "a&nbsp;b"),
        ("a&nbsp;b", "a&nbsp;b"),
        ("say \"yes\" or 'no'\nnow", "say \"yes\" or 'no'\nnow"),
        ("a\r\nb", "a\nb"),
        ("a\rb", "a\nb"),
        ("&copy; &unknown;", "© &amp;unknown;"),
        ("Привет, 世界 👋", "Привет, 世界 👋"),
    ],
)
def test_plain_text_of_the_contract_9_2(sent: str, stored: str) -> None:
    assert clean_html(sent) == stored


def test_a_mention_of_the_contract_9_3_is_kept_without_the_suggestion_character() -> None:
    mention = '<span class="mtchat-mention" data-type="mention" data-id="u-23" data-label="Lu Wei"{}>@Lu Wei</span>'
    assert clean_html(mention.format(' data-mention-suggestion-char="@"')) == mention.format("")


def test_the_older_mention_is_kept() -> None:
    mention = '<span class="mtchat-mention" data-mention="u-23">@Lu Wei</span>'
    assert clean_html(mention) == mention


@pytest.mark.parametrize("sent", ["a\0b", "<p>\0</p>", "\0"])
def test_f37_a_nul_character_is_refused(sent: str) -> None:
    with pytest.raises(InvalidInput, match="NUL"):
        clean_html(sent)


def test_f37_half_of_a_surrogate_pair_is_refused() -> None:
    with pytest.raises(InvalidInput, match="surrogate"):
        clean_html("a\ud83d")


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("<pre>\n\nx</pre>", "<pre>\n\nx</pre>"),
        ("<pre><div>\nx</div></pre>", "<pre>\n\nx</pre>"),
        ("a&#13;b", "a\nb"),
        ("\ufeff\ufeffx", "x"),
        ("<a>1<object><a>2</a></object></a>", f"<a {REL}>1</a><a {REL}>2</a>"),
    ],
)
def test_what_is_stored_is_stored_again_unchanged_by_an_edit(sent: str, stored: str) -> None:
    assert clean_html(sent) == stored
    assert clean_html(stored) == stored


@pytest.mark.parametrize(
    "sent",
    [
        # each paragraph would reopen every unclosed tag
        "<p>" + "".join(f"<b n={number}>" for number in range(1_600)) + "<p>x" * 8_000,
        "<p>" + "".join(f'<b n=">{number}">' for number in range(1_600)) + "<p>x" * 8_000,
        "<p>" + "<b><i><em><u><s><tt><code>" * 3 + "<p>x" * 12_000,
        # links in blocks, none of them closed
        "<a><div>" * 5_000,
    ],
)
def test_markup_made_to_explode_is_refused(sent: str) -> None:
    with pytest.raises(InvalidInput, match="tags"):
        clean_html(sent)


def test_a_long_formatted_document_is_accepted() -> None:
    document = '<p>ok <strong>b</strong> <em>i</em> <code class="language-sql">select</code></p>' * 600
    assert clean_html(document) == document


def test_f36_content_of_50000_characters_is_accepted_in_any_alphabet() -> None:
    assert len(check_message_content("Ж" * MAX_CONTENT_CHARS)) == 50_000


def test_f36_content_over_50000_characters_is_refused() -> None:
    with pytest.raises(InvalidInput, match="50,001"):
        check_message_content("x" * (MAX_CONTENT_CHARS + 1))


def test_the_limit_counts_characters_before_cleaning() -> None:
    with pytest.raises(InvalidInput, match="50,000"):
        check_message_content("<i></i>" * 7_200)


def test_the_longest_plain_text_may_grow_when_escaped() -> None:
    assert len(check_message_content("\u00a0" * MAX_CONTENT_CHARS)) == 300_000


@pytest.mark.parametrize(
    "sent", ["x", "<p>x</p>", "&lt;", "<p>👍️</p>", "<ul><li>1</li></ul>", "<code>.</code>", "&amp;nbsp;"]
)
def test_f35_content_somebody_can_see(sent: str) -> None:
    assert has_visible_text(clean_html(sent))


@pytest.mark.parametrize(
    "sent",
    [
        "",
        " \n\t",
        "<p></p>",
        "<p><br></p>",
        "<p>&nbsp;</p>",
        "<p>\u200b\ufeff\u2060</p>",
        "\u2800\u3164",
        "\ufe0f\u034f",
        "<img src=x>",
        '<span data-label="a>b">  </span>',
        '<a href="https://e.example/">\u00ad</a>',
        "<script>x</script>",
    ],
)
def test_f35_content_nobody_can_see(sent: str) -> None:
    assert not has_visible_text(clean_html(sent))


# ---- properties

PIECES = [
    *(f"<{tag}>" for tag in [*ALLOWED_TAGS, "div", "h1", "table", "tr", "td", "object", "button", "svg", "math", "mi"]),
    *(f"</{tag}>" for tag in [*ALLOWED_TAGS, "div", "h1", "table", "td", "object", "button", "svg", "math", "mi"]),
    *("<script>", "</script>", "<style>", "</style>", "<template>", "</template>", "<textarea>", "</textarea>"),
    *("<title>", "<noscript>", "<iframe>", "<foreignObject>", "<select>", "<!--", "-->", "<![CDATA[", "]]>", "<?"),
    *(
        '<a href="javascript:x()">',
        '<a href="https://e.example/">',
        '<a href="//e.example">',
        '<img src="x" onerror="y">',
    ),
    *('<p onclick="x" style="y">', '<span class="mtchat-a b" title="x">', '<code class="language-a">', '<b id="1">'),
    *(
        "\n",
        "\r",
        "\r\n",
        "&#13;",
        "&#0;",
        "&",
        "&lt;",
        "&nbsp;",
        "<",
        ">",
        '"',
        "'",
        "=",
        "\ufeff",
        "&#xfeff;",
        "x",
        " ",
    ),
]
markup = st.lists(st.sampled_from(PIECES), max_size=25).map("".join)
anything = st.one_of(markup, st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=200))

ALLOWED_ATTRIBUTES = {
    "a": {"href", "target", "rel"},
    "span": {"data-type", "data-id", "data-label", "data-mention", "class"},
    "code": {"class"},
    "pre": {"class"},
}


class TagCollector(HTMLParser):
    """Lists the start tags of a document with their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment came through: {data!r}")


@settings(max_examples=400, deadline=None)
@given(anything)
def test_cleaning_twice_changes_nothing(sent: str) -> None:
    cleaned = clean_html(sent)
    assert clean_html(cleaned) == cleaned


@settings(max_examples=400, deadline=None)
@given(anything)
def test_nothing_forbidden_comes_through(sent: str) -> None:
    collector = TagCollector()
    collector.feed(clean_html(sent))
    for tag, attributes in collector.tags:
        assert tag in ALLOWED_TAGS
        assert attributes.keys() <= ALLOWED_ATTRIBUTES.get(tag, set())
        assert re.match("https?://", attributes.get("href") or "https://")
        assert tag != "a" or attributes["rel"] == "noopener noreferrer"
        assert all(re.match("mtchat-|language-", name) for name in (attributes.get("class") or "").split())


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="<&\ufeff"), max_size=200))
def test_text_without_markup_survives(sent: str) -> None:
    unescaped = clean_html(sent).replace("&gt;", ">").replace("&nbsp;", "\u00a0")
    assert unescaped == sent
