"""The rows of the archive's normalisation table, one case each: a body in, HTML out."""

import re

import pytest

from articles.ingest import Embed, read

URL = "https://www.example.com/zh/a-1"


def read_body(body, url=URL, name="articles/x/1.md"):
    return read(f"<!--1700000000000-->\n[題目在此]({url})\n------\n\n{body}\n".encode(), name)


def html_of(body, url=URL):
    return re.sub(r' rel="noopener noreferrer"', "", read_body(body, url).html)


CASES = {
    "a proxy is seen through": (
        '<img src="https://images.weserv.nl/?url=static.dw.com/image/1_303.jpg" width="100%">',
        '<figure><img src="https://static.dw.com/image/1_303.jpg" alt=""></figure>',
    ),
    "a proxy without a slash, its own parameters and the target's": (
        '<img src="https://images.weserv.nl?url=a.example/p.jpg?x=1&w=300&output=webp">',
        '<figure><img src="https://a.example/p.jpg?x=1" alt=""></figure>',
    ),
    "a proxy with an encoded target": (
        '<img src="https://images.weserv.nl/?url=https%3A%2F%2Fa.example%2Fp.jpg&w=3">',
        '<figure><img src="https://a.example/p.jpg" alt=""></figure>',
    ),
    "a lazy picture and its noscript twin are one": (
        '<p><img src="data:image/gif;base64,AA" data-lazy-src="/a.jpg"><noscript><img src="/a.jpg"></noscript>文</p>',
        '<figure><img src="https://www.example.com/a.jpg" alt=""></figure><p>文</p>',
    ),
    "a noscript twin may come first": (
        '<noscript><img src="/a.jpg"></noscript><img src="data:image/svg+xml,x" data-src="/a.jpg">',
        '<figure><img src="https://www.example.com/a.jpg" alt=""></figure>',
    ),
    "a picture that is only in noscript stays": (
        '<noscript><picture><source srcset="/s.webp 1x"><img src="/a.jpg"></picture></noscript>',
        '<figure><img src="https://www.example.com/a.jpg" alt=""></figure>',
    ),
    "a picture known only by its set": (
        '<img srcset="/s.jpg 300w, /l.jpg 900w">',
        '<figure><img src="https://www.example.com/l.jpg" alt=""></figure>',
    ),
    "counters, ornaments and nameless sources go": (
        '<p>文</p><img src="https://medium.com/_/stat?x" width="1" height="1"><img src="/g/grey_line.png">'
        '<img src="/l.png" alt="Presentational grey line"><img src=x><img src="data:image/png;base64,AA">',
        "<p>文</p>",
    ),
    "smileys are text": (
        '<p>好<img src="https://s.w.org/images/core/emoji/12/72x72/2602.png" alt="☂"></p>',
        "<p>好☂</p>",
    ),
    "small print under a picture is its caption": (
        '<img src="/a.jpg"><div><small style="color: #999;">說明</small></div><p>文</p>',
        '<figure><img src="https://www.example.com/a.jpg" alt=""><figcaption>說明</figcaption></figure><p>文</p>',
    ),
    "empty small print is none": (
        '<img src="/a.jpg"><div><small></small></div><p>文</p>',
        '<figure><img src="https://www.example.com/a.jpg" alt=""></figure><p>文</p>',
    ),
    "small print elsewhere is text": ("<p>甲<small>乙</small></p>", "<p>甲乙</p>"),
    "a caption and its credit": (
        '<figure><img src="/a.jpg" width="10" height="5"><figcaption>說明 <cite>某人</cite></figcaption></figure>',
        '<figure><img src="https://www.example.com/a.jpg" alt="" width="10" height="5">'
        "<figcaption>說明 <cite>某人</cite></figcaption></figure>",
    ),
    "a WordPress caption": (
        '<div class="wp-caption"><a href="/a.jpg"><img src="/a.jpg"></a><p class="wp-caption-text">說明</p></div>',
        '<figure><img src="https://www.example.com/a.jpg" alt=""><figcaption>說明</figcaption></figure>',
    ),
    "an alt that repeats the caption is not said twice": (
        '<figure><img src="/a.jpg" alt="說明"><figcaption>說明</figcaption></figure>',
        '<figure><img src="https://www.example.com/a.jpg" alt=""><figcaption>說明</figcaption></figure>',
    ),
    "an alt that says nothing is empty": (
        '<img src="/a.jpg" alt="image"><img src="/b.jpg" alt="。"><img src="/c.jpg" alt="IMG_1.JPG">',
        '<figure><img src="https://www.example.com/a.jpg" alt=""></figure>'
        '<figure><img src="https://www.example.com/b.jpg" alt=""></figure>'
        '<figure><img src="https://www.example.com/c.jpg" alt=""></figure>',
    ),
    "a short bold paragraph is a heading": (
        "<p>導語。</p><p><strong>小標</strong></p><p>文。</p>",
        "<p>導語。</p><h2>小標</h2><p>文。</p>",
    ),
    "below headings of the source it is one level lower": (
        "<p>導語。</p><h3>大標</h3><p><b>小標</b></p><p>文。</p>",
        "<p>導語。</p><h2>大標</h2><h3>小標</h3><p>文。</p>",
    ),
    "a bold sentence, credit, first or last paragraph is no heading": (
        "<p><b>頭</b></p><p>文。</p><p><b>一句話。</b></p><p>文。</p><p><b>（德新社）</b></p><p>文。</p><p><b>尾</b></p>",
        "<p><strong>頭</strong></p><p>文。</p><p><strong>一句話。</strong></p><p>文。</p>"
        "<p><strong>（德新社）</strong></p><p>文。</p><p><strong>尾</strong></p>",
    ),
    "three bold lines in a row are verse": (
        "<p>文。</p><p><b>甲</b></p><p><b>乙</b></p><p><b>丙</b></p><p>文。</p>",
        "<p>文。</p><p><strong>甲</strong></p><p><strong>乙</strong></p><p><strong>丙</strong></p><p>文。</p>",
    ),
    "a bold line before a break is a heading": (
        "<p>文。<br><br><strong>小標</strong><br>續文。</p>",
        "<p>文。</p><h2>小標</h2><p>續文。</p>",
    ),
    "a heading that repeats the title goes": ("<h1>題目在此</h1><p>文。</p>", "<p>文。</p>"),
    "other first headings begin at h2": ("<p>文。</p><h1>章</h1><p>文。</p>", "<p>文。</p><h2>章</h2><p>文。</p>"),
    "two breaks end a paragraph": ("<p>甲<br><br/>乙<br>丙</p>", "<p>甲</p><p>乙<br>丙</p>"),
    "empty elements go": (
        "<p>甲</p><p>&nbsp;</p><p><br/></p><p><strong> </strong></p><div></div><a href='/x'></a>",
        "<p>甲</p>",
    ),
    "line breaks of the file between Chinese characters are nothing": (
        "<p>\n 甲\n <a href='/x'>\n  乙\n </a>\n ，丙\n</p>",
        '<p>甲<a href="https://www.example.com/x">乙</a>，丙</p>',
    ),
    "and between Latin words one space": (
        "<p>\n one\n <b>\n  two\n </b>\n three\n</p>",
        "<p>one <strong>two</strong> three</p>",
    ),
    "indents go": ("<p>　　甲</p><p>    乙</p>", "<p>甲</p><p>乙</p>"),
    "wrappers are seen through": (
        "<section><div><span style='x'>甲</span></div><custom-tag>乙</custom-tag></section>",
        "<p>甲</p><p>乙</p>",
    ),
    "nested and split formats are one": (
        "<p><strong>甲<strong>乙</strong></strong><b>丙</b>。</p>",
        "<p><strong>甲乙丙</strong>。</p>",
    ),
    "redirectors and tracking": (
        '<p><a href="https://l.facebook.com/l.php?u=https%3A%2F%2Fa.example%2Fx%3Ffbclid%3D1%26y%3D2&h=1">甲</a></p>',
        '<p><a href="https://a.example/x?y=2">甲</a></p>',
    ),
    "a machine's address becomes the page's": (
        '<p>文<a href="https://api.dw.com/api/detail/article/71424461" rel="ArticleRef">甲</a></p>',
        '<p>文<a href="https://www.dw.com/zh/a-71424461">甲</a></p>',
    ),
    "so do a film's and a gallery's, and others become text": (
        '<p>文<a href="https://api.dw.com/api/detail/video/71">甲</a>'
        '<a href="https://api.dw.com/api/detail/audio/72">乙</a>'
        '<a href="https://api.dw.com/api/detail/image-gallery/73?x=1">丙</a><a href="http://api.dw.com/api/list/4">丁</a></p>',
        '<p>文<a href="https://www.dw.com/zh/av-71">甲</a><a href="https://www.dw.com/zh/av-72">乙</a>'
        '<a href="https://www.dw.com/zh/g-73">丙</a>丁</p>',
    ),
    "relative and schemeless addresses": (
        '<p><a href="../b">甲</a><a href="//c.example/d">乙</a></p>',
        '<p><a href="https://www.example.com/b">甲</a><a href="https://c.example/d">乙</a></p>',
    ),
    "schemes that cannot be followed leave their text": (
        '<p><a href="file:///G:/x">甲</a><a href="whatsapp://s">乙</a><a href="ttps://a.example/">丙</a></p>',
        '<p>甲乙<a href="https://a.example/">丙</a></p>',
    ),
    "a note's link works when its target is there": (
        '<p>文<a href="#fn1">[1]</a><a href="#gone">[2]</a></p><p id="fn1">注</p>',
        '<p>文<a href="#note-fn1">[1]</a>[2]</p><p id="note-fn1">注</p>',
    ),
    "a hidden e-mail address is shown": (
        '<p>寄<a href="/cdn-cgi/l/email-protection" data-cfemail="42212d372c36022e232927316c273a232f322e27">'
        "[email]</a>。</p>",
        "<p>寄count@lakes.example。</p>",
    ),
    "a player becomes a card": (
        '<p>文</p><iframe src="https://www.youtube.com/embed/abc?&&&x=1"><a>y</a></iframe>',
        '<p>文</p><figure><a href="https://www.youtube.com/watch?v=abc">YouTube</a></figure>',
    ),
    "a video becomes a card named by its caption": (
        '<video src="https://a.example/v.mp4" poster="/p.jpg"></video><div><small>說明</small></div>',
        '<figure><a href="https://a.example/v.mp4">說明</a></figure>',
    ),
    "an embedded post keeps its quotation": (
        '<blockquote class="wp-embedded-content"><p><a href="/p">題</a></p></blockquote>'
        '<p><iframe class="wp-embedded-content" src="/p/embed"></iframe></p>',
        '<blockquote><p><a href="https://www.example.com/p">題</a></p></blockquote>',
    ),
    "a feed's promotion goes with its ruler": (
        '<p>文</p><br><hr><div>获取更多RSS：<br><a href="https://feedx.net">https://feedx.net</a> <br></div>',
        "<p>文</p>",
    ),
    "share bars go": (
        '<p>文</p><div class="sharedaddy">分享</div><div class="a2a_kit">x</div><div>分享 :</div>',
        "<p>文</p>",
    ),
    "a share bar's list goes with it": (
        '<p>文</p><div>分享 :</div><ul><li><a href="https://www.facebook.com/sharer/sharer.php?u=x">臉書</a></li>'
        '<li><a href="whatsapp://send?text=x">WhatsApp</a></li>'
        '<li><a href="https://twitter.com/intent/tweet?url=x">推特</a></li></ul><p>續文</p>',
        "<p>文</p><p>續文</p>",
    ),
    "a list of nothing but ways to share goes": (
        '<p>文</p><ul><li><a href="https://wa.me/?text=x">a</a></li><li><a href="https://t.me/share/url?x">b</a></li></ul>',
        "<p>文</p>",
    ),
    "a list that only names networks stays": (
        '<p>文</p><ul><li>Facebook</li><li>微博</li></ul>字<ul><li><a href="https://www.facebook.com/page">頁</a></li></ul>',
        "<p>文</p><ul><li>Facebook</li><li>微博</li></ul><p>字</p>"
        '<ul><li><a href="https://www.facebook.com/page">頁</a></li></ul>',
    ),
    "a dead note's link in pre leaves no line break behind": (
        '<pre><a href="#gone">\n潮</a></pre>',
        "<pre>潮</pre>",
    ),
    "the language that a source names stays, and nothing else of it": (
        '<p lang="en">Tides</p><blockquote lang="zh-Hant-TW"><p>潮<i lang="fr">mer</i></p></blockquote>'
        '<ul><li lang="de">Flut</li></ul><p lang="x onload=1">文</p><p lang="und">字<span lang="en">a</span></p>'
        '<img src="/a.jpg"><figcaption lang="en">Quay</figcaption>',
        '<p lang="en">Tides</p><blockquote lang="zh-Hant-TW"><p>潮<em lang="fr">mer</em></p></blockquote>'
        '<ul><li lang="de">Flut</li></ul><p>文</p><p>字a</p>'
        '<figure><img src="https://www.example.com/a.jpg" alt=""><figcaption lang="en">Quay</figcaption></figure>',
    ),
    "elements in two languages are not joined": (
        '<p>潮<em lang="en">a</em><em>乙</em></p>',
        '<p>潮<em lang="en">a</em><em>乙</em></p>',
    ),
    "escaped markup stays text": (
        "<p>&lt;a href=&quot;javascript:x&quot;&gt;</p>",
        '<p>&lt;a href="javascript:x"&gt;</p>',
    ),
    "pre keeps its white space and loses its colours": (
        "<pre><span class='k'>if</span> a:\n    b &lt; c\n</pre>",
        "<pre>if a:\n    b &lt; c</pre>",
    ),
    "a table keeps its structure": (
        '<table width="9"><colgroup><col></colgroup><tr><th colspan="2" style="x" scope="col">甲</th></tr>'
        "<tr><td><p>乙</p></td><td>丙</td></tr></table>",
        '<table><tbody><tr><th colspan="2" scope="col">甲</th></tr><tr><td>乙</td><td>丙</td></tr></tbody></table>',
    ),
    "a table of one cell a row is layout": (
        "<table><tr><td><p>甲</p><p>乙</p></td></tr></table>",
        "<p>甲</p><p>乙</p>",
    ),
    "invisible characters go, joined emoji stay": (
        "<p>甲\u200b乙\u00ad丙\u202e👩\u200d💻</p>",
        "<p>甲乙丙👩\u200d💻</p>",
    ),
    "lists are lists": (
        "<ul>\n<li>甲<ul><li>乙</li></ul></li>\n<li></li>\n</ul><li>丙</li>",
        "<ul><li>甲<ul><li>乙</li></ul></li><li>丙</li></ul>",
    ),
    "rows of stars are rulers": ("<p>甲</p><p>* * *</p><p>乙</p><p>———</p>", "<p>甲</p><hr><p>乙</p>"),
    "a bold heading before the source's first one stands beside it": (
        "<p>文。</p><p><strong>起点</strong></p><p>文。</p><h3>相关图集：渊源</h3><p>文。</p>",
        "<p>文。</p><h2>起点</h2><p>文。</p><h2>相关图集：渊源</h2><p>文。</p>",
    ),
    "a bold heading after the source's first one stands below it": (
        "<p>文。</p><h3>甲部</h3><p>文。</p><p><strong>起点</strong></p><p>文。</p>",
        "<p>文。</p><h2>甲部</h2><p>文。</p><h3>起点</h3><p>文。</p>",
    ),
    "questions of an interview are no headings, however short": (
        "<p>文。</p><p><strong>本报：何时？</strong></p><p>春。</p><p><strong>本报：为何？</strong></p><p>雨。</p>",
        "<p>文。</p><p><strong>本报：何时？</strong></p><p>春。</p><p><strong>本报：为何？</strong></p><p>雨。</p>",
    ),
    "a picture shown twice takes its caption with it": (
        '<img src="/a.jpg"><div><small>說明</small></div><p>文</p><img src="/a.jpg"><div><small>說明</small></div>',
        '<figure><img src="https://www.example.com/a.jpg" alt=""><figcaption>說明</figcaption></figure><p>文</p>',
    ),
    "what only a picture's second place tells of it is told where it is shown": (
        '<img src="/a.jpg"><p>文</p><figure><img src="/a.jpg"><figcaption>說明</figcaption></figure>',
        '<figure><img src="https://www.example.com/a.jpg" alt=""><figcaption>說明</figcaption></figure><p>文</p>',
    ),
    "a paragraph that is one link to another article is none of this one": (
        '<p>文</p><p><a href="/b">延伸閱讀：舊聞</a></p><p>參見<a href="/b">延伸閱讀：舊聞</a></p>',
        '<p>文</p><p>參見<a href="https://www.example.com/b">延伸閱讀：舊聞</a></p>',
    ),
    "a figure's word for screen readers is no paragraph, and what follows Credit is the credit": (
        '<figure aria-label="media">Image<picture><img src="/a.jpg"></picture>'
        "<figcaption>車展。Credit...Ann Lee for X</figcaption></figure>",
        '<figure><img src="https://www.example.com/a.jpg" alt="">'
        "<figcaption>車展。<cite>Ann Lee for X</cite></figcaption></figure>",
    ),
    "paragraphs with the sign of a list are one": (
        '<p>• 甲</p><p>• 乙</p><img src="/a.jpg"><p>• 丙</p>',
        '<ul><li>甲</li><li>乙</li></ul><figure><img src="https://www.example.com/a.jpg" alt=""></figure><p>• 丙</p>',
    ),
    "links of one address that touch are one": (
        '<p><a href="/b">《</a><a href="/b">潮</a> <a href="/b">汐</a><a href="/c">》</a></p>',
        '<p><a href="https://www.example.com/b">《潮 汐</a><a href="https://www.example.com/c">》</a></p>',
    ),
    "a link through the picture proxy leads to what it shows": (
        '<p><a href="https://images.weserv.nl/?url=a.example/full.pdf">全文</a></p>',
        '<p><a href="https://a.example/full.pdf">全文</a></p>',
    ),
    "thanks for reading and the way to subscribe go": (
        '<p>文</p><p>感谢阅读今天的简报，新读者请<a href="/s">点击此处订阅</a>，来信与我们分享。</p>',
        "<p>文</p>",
    ),
    "to be told to click where there is no link helps nobody": (
        '<p>文</p><footer><p>翻译：周可</p>点击查看本文英文版。</footer><p><a href="/en">点击查看本文英文版。</a></p>',
        '<p>文</p><p>翻译：周可</p><p><a href="https://www.example.com/en">点击查看本文英文版。</a></p>',
    ),
    "a blank beside a mark of full width is none": (
        "<p>一日電）    雖然如此。 島上：“潮 汐” 來了 ，A 。 b</p>",
        "<p>一日電）雖然如此。島上：“潮 汐”來了，A。 b</p>",
    ),
    "a blank in a heading stands for a mark": (
        "<h2>此時？ “潮汐” 《書》重來</h2>",
        "<h2>此時？ “潮汐” 《書》重來</h2>",
    ),
    "a blank within brackets or quotation marks in Chinese is none, in English it is one": (
        "<p>可選“Will,” “Won’t” 兩項，她沒選</p>"
        "<p>記者（ Ann Lee ）在 “潮 汐” 號上說，“ A” 是《 書 》。 ” 他說</p><p>He said “a,” “b” and “ c ” (d ).</p>",
        "<p>可選“Will,” “Won’t”兩項，她沒選</p>"
        "<p>記者（Ann Lee）在“潮 汐”號上說，“A”是《書》。”他說</p><p>He said “a,” “b” and “ c ” (d ).</p>",
    ),
    "the place that a report was sent from begins its first plain paragraph": (
        '<img src="/a.jpg">華盛頓 — <p><b>編者按：這是一個系列。</b></p><p>渡輪停航。</p>',
        '<figure><img src="https://www.example.com/a.jpg" alt=""></figure>'
        "<p><strong>編者按：這是一個系列。</strong></p><p>華盛頓 — 渡輪停航。</p>",
    ),
    "stars begin the items of a list, and one star a note": (
        "<p>*甲</p><p>* 乙</p><p>文</p><p>* * *</p><p>*註</p><p>文</p><p>•</p><p>•</p>",
        "<ul><li>甲</li><li>乙</li></ul><p>文</p><hr><p>*註</p><p>文</p>",
    ),
    "when a programme is on air is no part of its text": (
        "<p>文</p><p>晚間對談每星期一到四晚上九點播出，敬請收看。</p>",
        "<p>文</p>",
    ),
    "smileys are text wherever they are kept": (
        '<p>想你了<img alt="[淚]" src="/1.png"><img alt="[淚]" src="/1.png">今天</p>',
        "<p>想你了[淚][淚]今天</p>",
    ),
    "small print set in the middle under a picture is its caption": (
        '<p><img src="/a.jpg"></p><span style="display: block;text-align: center">麵館</span><p>文</p>',
        '<figure><img src="https://www.example.com/a.jpg" alt=""><figcaption>麵館</figcaption></figure><p>文</p>',
    ),
    "a caption that only says whose the picture is": (
        '<p><img src="/a.jpg"><br><span style="text-align:center">图源 | 城市數據團</span></p><p>文</p>',
        '<figure><img src="https://www.example.com/a.jpg" alt=""><figcaption><cite>城市數據團</cite></figcaption>'
        "</figure><p>文</p>",
    ),
    "an alternative text that is the caption, in bold letters or other blanks, is said once": (
        '<img src="/a.jpg" alt="渡輪。 右圖：燈塔"><small><b>渡輪。　右圖：燈塔</b></small>',
        '<figure><img src="https://www.example.com/a.jpg" alt=""><figcaption>渡輪。　右圖：燈塔</figcaption></figure>',
    ),
    "a heading's level is no size of letters": (
        "<p>文</p><h4>這是一整句話。</h4><ul><li><h4>條目</h4></li></ul><h4>起點</h4><p>文</p>",
        "<p>文</p><p>這是一整句話。</p><ul><li>條目</li></ul><h2>起點</h2><p>文</p>",
    ),
    "a bold line of links, or of an address for mail, is no heading": (
        '<p>文</p><p><b><a href="/a">檔案</a>|<a href="/b">人</a></b></p><p>文</p><p><b>a@b.example</b></p><p>文</p>',
        '<p>文</p><p><strong><a href="https://www.example.com/a">檔案</a>|<a href="https://www.example.com/b">人</a>'
        "</strong></p><p>文</p><p><strong>a@b.example</strong></p><p>文</p>",
    ),
    "what is below the box of a picture, and no part of the text, is its caption": (
        '<main role="main"><div><div><img src="/a.jpg"><p role="text"><span>图像来源，</span>EPA</p></div>'
        "<p>渡輪停航</p></span></div><div><p>文</p></div></main>",
        '<figure><img src="https://www.bbc.com/a.jpg" alt=""><figcaption>渡輪停航 <cite>EPA</cite></figcaption>'
        "</figure><p>文</p>",
    ),
    "a place that was kept for a post of another site is a card": (
        '<p>文</p><div data-e2e="twitter-embed-https://twitter.com/a/status/1"><div></div></div>',
        '<p>文</p><figure><a href="https://twitter.com/a/status/1">Twitter</a></figure>',
    ),
    "lists that touch are one": (
        "<div><ul><li>甲</li></ul></div><ul><li>乙</li></ul>",
        "<ul><li>甲</li><li>乙</li></ul>",
    ),
    "marks alone need no emphasis": (
        "<p>他寫道：<b>“</b>潮<b>。</b><i>！</i><b>“汐”</b></p>",
        "<p>他寫道：“潮。！<strong>“汐”</strong></p>",
    ),
    "alternative texts that the caption has in it, or that are a credit or a number": (
        '<img src="/a.jpg" alt="林一（Credit: BBC）"><small>同事林一說停航</small><p>文</p><img src="/b.jpg" alt="12">',
        '<figure><img src="https://www.example.com/a.jpg" alt=""><figcaption>同事林一說停航</figcaption></figure>'
        '<p>文</p><figure><img src="https://www.example.com/b.jpg" alt=""></figure>',
    ),
    "a credit keeps its own bracket, and one that markup spans stays where it is": (
        '<img src="/a.jpg"><small>車展。Credit...Ann Lee (X)</small><p>文</p><img src="/b.jpg">'
        '<small>潮（Credit: B）</small><p>文</p><img src="/c.jpg"><small>潮 <i>汐 © 林一</i></small>',
        '<figure><img src="https://www.example.com/a.jpg" alt=""><figcaption>車展。<cite>Ann Lee (X)</cite>'
        '</figcaption></figure><p>文</p><figure><img src="https://www.example.com/b.jpg" alt="">'
        "<figcaption>潮 <cite>B</cite>"
        '</figcaption></figure><p>文</p><figure><img src="https://www.example.com/c.jpg" alt="">'
        "<figcaption>潮 <em>汐 © 林一</em></figcaption></figure>",
    ),
    "a caption that tells more than whose the picture is stays one": (
        '<img src="/a.jpg"><small>图源：林一。渡輪停航三天。</small>',
        '<figure><img src="https://www.example.com/a.jpg" alt=""><figcaption>图源：林一。渡輪停航三天。</figcaption>'
        "</figure>",
    ),
    "script and style go with their text": (
        "<p>甲<script>alert(1)</script></p><style>p{}</style><svg><text>x</text></svg>",
        "<p>甲</p>",
    ),
}


@pytest.mark.parametrize(("body", "expected"), CASES.values(), ids=CASES)
def test_normalises(body, expected):
    assert html_of(body, "https://www.bbc.com/zhongwen/1" if "<main" in body else URL) == expected


def test_cards_are_listed_as_embeds_once():
    frame = '<iframe src="https://player.vimeo.com/video/42?h=1" title="潮"></iframe>'

    assert read_body("<p>文</p>" + frame + frame).embeds == (Embed("https://vimeo.com/42", "Vimeo", "潮"),)


@pytest.mark.parametrize(
    ("body", "still"),
    [
        (
            '<iframe src="https://www.youtube.com/embed/abcdefghij-?rel=0"></iframe>',
            "https://i.ytimg.com/vi/abcdefghij-/maxresdefault.jpg",
        ),
        ('<iframe src="https://www.youtube.com/embed/videoseries?list=PL1"></iframe>', ""),
        ('<iframe src="https://player.vimeo.com/video/42"></iframe>', ""),
        ('<video src="/v.mp4" poster="//images.weserv.nl/?url=p.example/1.jpg"></video>', "https://p.example/1.jpg"),
        (
            '<iframe src="https://bbc.com/av/1"></iframe> <noscript><div><img src="/2.jpg">不支持</div></noscript>',
            "https://www.example.com/2.jpg",
        ),
        ('<iframe src="https://bbc.com/av/1"></iframe><noscript>不支持</noscript>', ""),
    ],
)
def test_a_card_knows_the_still_picture_of_what_is_played(body, still):
    found = read_body("<p>文</p>" + body)

    assert [embed.poster for embed in found.embeds] == [still]
    assert not found.images
    assert "不支持" not in found.html


def test_related_lists_leave_the_body_and_stay_as_links():
    item = '<ul><li><b><span><a href="http://www.rfa.org/mandarin/a.html">舊聞</a></span></b> </li></ul>'
    document = read_body(f"<p>文</p>{item}<p>文</p>", "https://www.rfa.org/mandarin/x/b.html")

    assert "舊聞" not in document.html
    assert document.links == ("http://www.rfa.org/mandarin/a.html",)


def test_lists_of_links_stay_where_the_source_does_not_mark_related_ones():
    assert "舊聞" in html_of('<ul><li><a href="https://www.example.com/b">舊聞</a></li></ul><p>文</p>')


@pytest.mark.parametrize(
    ("line", "byline"),
    [
        ("自由亚洲电台记者夏青报道   责编：林一木   网编：周可", "夏青"),
        ("记者：乾朗 刘邦羽  责编：许书婷", "乾朗 刘邦羽"),
        ("自由亚洲电台粤语组记者李四自香港的综合报道", "李四"),
        ("自由亚洲电台记者家傲华盛顿报道   责编：申铧", "家傲"),
        ("自由亚洲电台记者柳飞   责编：嘉远   网编：洪伟", "柳飞"),
        ("记者古亭 责编 陈美华温晓平", "古亭"),
        ("记者：您还会再去吗？", ""),
        ("责编：许书婷", ""),
    ],
)
def test_reads_the_reporter_off_the_last_line(line, byline):
    assert read_body(f"<p>文</p><p>{line}</p>", "https://www.rfa.org/mandarin/a.html").byline == byline


@pytest.mark.parametrize(
    ("line", "byline"),
    [
        ("雨涵/王凡（法新社、德新社）", "雨涵/王凡"),
        ("文木 / 苗子(路透社等)", "文木 / 苗子"),
        ("文山/王凡/(綜合報導)", "文山/王凡"),
        ("（路透社）", ""),
        ("图为某某（路透社）", ""),
        ("他说：来/去（新华社）", ""),
    ],
)
def test_reads_the_names_before_the_agencies_off_the_last_line(line, byline):
    assert read_body(f"<p>文</p><p>{line}</p>", "https://www.dw.com/zh/a-1").byline == byline


@pytest.mark.parametrize(
    ("written", "byline"),
    [
        ("null 夏青", "夏青"),
        ("undefined", ""),
        ("夏青 （综合报道）", "夏青"),
        ("文山（摘编）", "文山"),
        ("Nan Xu", "Nan Xu"),
        ("KO BAI,KO BAI", "KO BAI"),
    ],
)
def test_what_a_program_wrote_for_want_of_a_name_is_none(written, byline):
    assert read_body(f"<div><i>{written}<br>2024-01-15T05:49:32.108Z</i></div><p>文</p>").byline == byline


def test_a_figure_whose_picture_is_not_in_the_file_is_told_of_and_leaves_no_text():
    document = read_body("<p>文</p><figure>Image<figcaption>車展。Credit...Ann Lee</figcaption></figure>")

    assert (document.html, document.warnings) == ("<p>文</p>", ("picture_missing", "stub"))


def test_a_bold_greeting_that_asks_to_subscribe_is_no_standfirst():
    greeting = (
        "<p><strong>歡迎閱讀本期札記，本期的作者是住在島上的撰稿人，歡迎點擊這裡訂閱，或推薦給朋友們。</strong></p>"
    )

    assert not read_body(f"{greeting}<p>文。</p>").standfirst
    news = (
        f"<p><strong>這家報紙的訂閱人數在一年裡多了三成，{'連島上最偏遠的村子也有人等著，' * 3}一等半天。</strong></p>"
    )
    assert "訂閱" in read_body(f"{news}<p>文。</p>").standfirst


def test_a_gallery_within_a_text_is_told_below_its_pictures():
    pictures = "".join(f'<div><img src="/{n}.jpg"><b>第{n}景</b>：潮水漫過堤岸。</div>' for n in (1, 2, 3))
    text = "<p>島上的人等了一個冬天。</p>" * 9
    within, alone = read_body(f"{text}<h3>相關圖集</h3>{pictures}"), read_body(pictures)

    assert [picture.caption for picture in within.images] == [f"第{n}景：潮水漫過堤岸。" for n in (1, 2, 3)]
    assert "潮水" not in within.text
    assert alone.text.count("潮水") == 3


def test_lists_tell_how_the_text_begins_and_no_heading_note_or_place():
    document = read_body(
        "<p>編者按：這是一個系列。</p><h3>最新發展</h3><p>華盛頓 — 渡輪停航。</p><p>（法新社倫敦1日電）  島民不滿。</p>"
    )

    assert document.excerpt == "渡輪停航。（法新社倫敦1日電）島民不滿。"


def test_an_archive_card_tells_author_and_topics_and_leaves_the_body():
    card = (
        '<div style="float:right"><div class="su-spoiler"><div>CDT 档案卡</div><div><strong>标题：</strong>甲：乙<br>'
        '<strong>作者：</strong><a href="/s">項 棟</a><br><strong>发表日期：</strong>2023.10.9<br>'
        '<strong>来源：</strong><a href="https://a.example/w?utm_source=x" target="_blank">河 灣 站</a>、'
        '<a href="/b">乙</a><br>'
        "<strong>主题归类：</strong>"
        '<a href="/t">春節</a>、<a href="/u">年 俗</a>、<a href="/v">标签名称</a>'
        "<br><strong>版权说明：</strong>归原作者。</div></div></div>"
    )
    document = read_body(f"<p>文</p>{card}", "https://chinadigitaltimes.net/chinese/1.html")

    origin = (
        '<p>来源：<a href="https://a.example/w" rel="noopener noreferrer">河 灣 站</a>、'
        '<a href="https://chinadigitaltimes.net/b" rel="noopener noreferrer">乙</a></p>'
    )
    assert (document.html, document.byline, document.tags) == (f"<p>文</p>{origin}", "項 棟", ("春節", "年 俗"))
    assert (document.dateline_at.date().isoformat(), document.copyright) == ("2023-10-09", "归原作者。")
    assert "text_lost" not in document.warnings


def test_words_that_only_point_at_a_topic_are_none_unless_somebody_chose_them():
    topics = '<p>文<span data-type="AUTO_TOPIC">这场战争</span><span data-type="AUTO_TOPIC">潮汐</span></p>'

    assert read_body(topics, "https://www.dw.com/zh/a-1").tags == ("潮汐",)
    front = "---\ntitle: 題\nfrom: https://a.example/1\ntags: [这个站]\n---\n<p>文</p>"
    assert read(front.encode(), "x/1.md").tags == ("这个站",)


@pytest.mark.parametrize(
    ("frame", "addresses"),
    [
        ("video.php?href=https%3A%2F%2Fwww.facebook.com%2Fa%2Fvideos%2F9%2F", ["https://www.facebook.com/a/videos/9/"]),
        ("like.php?href=https%3A%2F%2Fwww.facebook.com%2Fa", []),
    ],
)
def test_a_frame_of_facebook_leads_to_what_it_shows_and_a_button_is_none(frame, addresses):
    embeds = read_body(f'<p>文</p><iframe src="https://www.facebook.com/plugins/{frame}"></iframe>').embeds

    assert [embed.url for embed in embeds] == addresses


def test_the_signs_of_a_long_list_are_no_lost_text():
    assert read_body("".join(f"<p>• 第{n}條</p>" for n in range(90))).warnings == ()


def test_the_copyright_notice_leaves_the_body_for_its_own_field():
    notice = "© 2025年 德國之聲版權聲明：本文所有內容受到著作權法保護。"
    document = read_body(f"<p>文</p><p><em>{notice}</em></p>", "https://www.dw.com/zh/a-1")

    assert document.html == "<p>文</p>"
    assert document.copyright == notice


def test_a_bold_first_paragraph_is_the_standfirst_and_stays():
    document = read_body("<p><strong>導語一句。      </strong></p><p>文。</p>", "https://www.rfi.fr/cn/a")

    assert document.standfirst == "導語一句。"
    assert document.html == "<p><strong>導語一句。</strong></p><p>文。</p>"


def test_counts_what_was_removed():
    removed = read_body('<p class="x" style="y">文<script>1</script></p><div class="sharedaddy">z</div>').removed

    assert removed == {"tag:script": 1, "rule:share bar": 1, "attr:class": 1, "attr:style": 1}


def test_counts_what_is_seen_through_and_what_cannot_be_opened():
    body = '<p>文<span><font>字</font></span><odd-tag>詞</odd-tag><a href="javascript:x">a</a><a href="/b">b</a></p>'

    assert read_body(body).removed == {"tag:span": 1, "tag:font": 1, "tag:odd-tag": 1, "attr:href": 1}
