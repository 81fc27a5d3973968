"""Words and phrases for how often or how strongly, beside those of the lexicon: "more often than not", "a touch"."""

from __future__ import annotations

from recbole_curec.reasons.claims.phrases import phrase_set

# Of taking and of liking, too.
DEVOTED_PHRASES = phrase_set(
    "can not get enough of; can not resist; swear by; swears by; live for; lives for; go wild for; go crazy for; go "
    "nuts for; go mad for; go all in on; mad about; crazy about; nuts about; wild about; hooked on; obsessed with; "
    "besotted with; in love with; devoured; revel in; revels in; reveled in; relish; relishes; relished; thrive on; "
    "thrives on; thrived on; devour; devours; devouring; smitten with; a sucker for"
)
STRONG_PHRASES = DEVOTED_PHRASES | phrase_set(
    "obsession; obsessions; devotion; fixation; infatuation; addiction; bread and butter; your bread and butter; "
    "staple diet; at the top of your list; near the top of your list; high on your list; close to your heart; dear "
    "to your heart; near and dear to you; your jam; your happy place; marked; almost invariably; nearly invariably; "
    "practically always; virtually always; all but always; just about always; pretty much always; well-nigh always; "
    "more or less always; close to always; as good as always; without fail; without exception; almost without "
    "exception; almost without fail; time and again; time and time again; time after time; over and over; over and "
    "over again; in most cases; in nearly all cases; in almost all cases; in nearly every case; in almost every "
    "case; most of the time; nearly all the time; almost all the time; for the most part; the majority of; a "
    "majority of; the vast majority; the vast majority of; the great majority of; the bulk of; the lion's share of; "
    "the lion's share; the greater part of; the better part of; the larger part of; nearly all; almost all; "
    "virtually all; practically all; just about all; pretty much all; all but a few; nearly every; almost every; "
    "virtually every; practically every; just about every; nearly without exception; overwhelmingly; predominantly; "
    "predominant; chiefly; principally; wholeheartedly; wholehearted; whole-heartedly; with a passion; with gusto; "
    "with relish; with enthusiasm; with devotion; passionately; ardently; ardent; fervently; fervent; intensely; "
    "immensely; hugely; tremendously; enormously; exceedingly; dearly; a great deal; a great many; head over heels; "
    "wholly; entirely; completely; utterly; totally; thoroughly; through and through; solely; unfailingly; "
    "unfailing; religiously; habitually; habitual; inveterate; obsessively; fanatically; fanatical; eagerly; eager; "
    "enthusiastically; enthusiastic; like clockwork; every time; each time; each and every time; nearly every time; "
    "almost every time; just about every time; at every turn; at every opportunity; more than anything; more than "
    "anything else; more than any other; more than most; above everything; above everything else; above all else; "
    "before all else; to a great extent; to a very great extent; to a high degree; in a big way; in large measure; "
    "incessantly; incessant; unceasingly; continually; continual; ceaselessly; unwavering; unwaveringly; steadfast; "
    "steadfastly; unshakeable; unshakable; insatiable; insatiably; voracious; voraciously; unquenchable; "
    "dyed-in-the-wool; die-hard; diehard; loyal; staunch; staunchly; devout; devotedly; heartily; profoundly; "
    "pronounced; markedly; distinctly; overwhelming; across the board; tightly; inseparably; inseparable; "
    "unerringly; dependably; reliably; assiduously; avidly; zealously; zealous; by far the most"
)

FAIR_PHRASES = phrase_set(
    "with real consistency; with some consistency; with consistency; with some regularity; with regularity; more "
    "often than not; often enough; quite often; rather often; fairly often; pretty often; reasonably often; quite "
    "frequently; fairly frequently; fairly regularly; quite regularly; pretty regularly; oftentimes; ofttimes; many a "
    "time; many times; on many occasions; on plenty of occasions; in many cases; in plenty of cases; in a lot of "
    "cases; in a good many cases; in many instances; much of the time; a lot of the time; a large part of; a good "
    "part of; a good portion of; a large portion of; a large share of; a good share of; a fair share of; a fair part "
    "of; a fair portion of; a sizeable part of; a sizeable share of; a sizable share of; a sizable part of; a "
    "considerable part of; a significant part of; a good deal; a good deal of; a fair bit; a fair bit of; a fair "
    "amount; a fair amount of; a decent amount; a decent amount of; a good bit; a good bit of; a good amount of; a "
    "good few; a fair few; a good many; a good number; a good number of; a fair number of; a decent number of; a "
    "large number of; a sizeable number of; a sizable number of; a considerable number of; a number of; quite a bit; "
    "quite a bit of; quite a few; quite a lot; quite a lot of; quite a number of; no shortage of; no lack of; not a "
    "few; not infrequently; not uncommonly; several; a host of; a raft of; a slew of; routinely; recurrently; "
    "recurrent; recurring; ordinarily; customarily; as a rule; as a general rule; as a habit; out of habit; by habit; "
    "by custom; in general; in the main; in large part; in good part; in no small part; in no small measure; to a "
    "large extent; to a large degree; to a good extent; to a considerable extent; to a fair extent; to a fair degree; "
    "noticeably; appreciably; appreciable; considerably; substantially; sizeable; sizable; discernibly; discernible; "
    "accustomed to; in the habit of; likely as not; as often as not; as like as not; frequent enough; rather a lot; "
    "many a; reasonably close; fairly close; fairly near; moderately close"
)

WEAK_PHRASES = phrase_set(
    "small; every so often; on occasion; on occasions; on some occasions; on certain occasions; from time to time; "
    "now and again; every now and then; every now and again; every once in a while; once in a blue moon; here and "
    "there; off and on; on and off; at intervals; at odd times; at odd moments; some of the time; part of the time; "
    "in some cases; in certain cases; in some instances; in a few cases; a touch; a touch of; a tad; a smidgen; a "
    "smidge; a smidgen of; a sprinkling of; a smattering of; a scattering of; a handful; a handful of; a small "
    "handful of; a small number of; a small share of; a small part of; a small portion of; a small fraction of; a "
    "minority of; a modest number of; a modest share of; a modest amount of; a certain amount of; a limited number "
    "of; a little bit; a little bit of; a wee bit; just a bit; just a little; just a touch; modest; modestly; "
    "moderately; in part; partly; partially; to some extent; to some degree; to a degree; to an extent; to a certain "
    "extent; to a certain degree; to a small extent; to a small degree; to a limited extent; to a modest degree; in "
    "some measure; in small measure; in a small way; up to a point; in some respects; in certain respects; after a "
    "fashion; passing; sporadically; sporadic; intermittently; intermittent; fitfully; episodically; marginally; "
    "marginal; minimally; tentatively; tentative; faintly; tenuous; tenuously; distantly; flirt with; flirts with; "
    "flirted with; flirting with; dip a toe into; dips a toe into; dipped a toe into; have dipped a toe into; dip a "
    "toe in; dipped a toe in; have been known to; has been known to; not averse to; at a stretch; at a push; by a "
    "stretch; loosely speaking; very loosely; only loosely; only slightly; only partly; ever so slightly; dabble in; "
    "dabbled in; dabbling in"
)
