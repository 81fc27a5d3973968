"""Words that claim nothing: function words, and words of recommending and of praise that suit any item and any user."""

from __future__ import annotations

_FUNCTION = (
    "wrote written writes says said a an the this that these those it its itself he she we us our i me my one ones and "
    "or but nor so yet of to in on at by for from into onto with within about as than then also too both either each "
    "other another such same own is are was were be been being am do does did done doing have has had having can could "
    "may might must shall should will would if while when where which who whom whose what why how because since though "
    "although however therefore thus hence you your yours yourself they them their theirs up out off over under again "
    "further more most less least much many some any all every few very really quite rather just even only ever "
    "perhaps maybe indeed certainly surely probably likely possibly definitely simply truly well way ways thing things "
    "something anything lot lots bit kind kinds sort sorts type types part parts between among through across along "
    "around per via let lets get gets getting got make makes making made go goes going come comes coming put take "
    "takes taken given give gives giving seem seems appear appears keep keeps kept sure yes oh please hi hello dear "
    "user user's like upon thanks thank due considering based according following regarding towards toward plus "
    "especially particularly next here there else whether until"
)
_RECOMMENDING = (
    "recommend recommending suggest suggests suggestion suggested try trying consider check pick choice choose option "
    "options choices picks addition add look looking see find finding found know discover discovering explore "
    "exploring enjoy enjoyable enjoyed enjoyment like love appreciate suit suits suited suitable fit fits fitting "
    "match matches matching matched please pleases pleasing pleased satisfy satisfies satisfying appeal appeals "
    "appealing delight delights worth worthwhile worthy deserves reason reasons why interest interests interesting "
    "interested curious intrigued tempted "
    "taste tastes preference preferences liking fan bet call candidate hit spot right up alley street "
    "reward rewarding give shot chance go-to ideal idea treat watch watching view viewing read reading play playing "
    "listen listening buy use using experience experiences offer offers offering provide provides bring brings brought "
    "delivers deliver promise promises welcome feel feels click land resonate resonates speak speaks hold holds "
    "attention catch draw draws caught naturally natural nature next-up list history collection line lines aligns "
    "align aligned alignment fall falls sits sit stand stands round complement complements continue continues "
    "continuing extend extends serve serves hope want wish won't miss matter matters mean means expect expected safe "
    "sound obvious logical step follow-up follow follows companion mind seems worth_a_look in_line"
)
_PRAISE = (
    "good great nice fine lovely wonderful fantastic excellent perfect perfectly amazing awesome superb brilliant "
    "terrific marvellous marvelous outstanding exceptional remarkable impressive special solid strong decent super fun "
    "best better top favourite favorite exciting compelling engaging captivating gripping delightful charming pleasant "
    "beautiful memorable unforgettable must absolute absolutely certain greatly highly quality high-quality satisfying "
    "entertaining happy glad pleasure joy gem must-see must-watch must-have must-read new fresh recommended recommends "
    "recommendation recommendations once first last past previous previously recent recently latest lately earlier "
    "before after already now still just soon time times"
)
_KINDS = (
    "released film films movie movies book books product products item items title titles game games song songs album "
    "albums series show shows piece pieces work works story stories genre genres category categories theme themes "
    "release fare content entertainment flick flicks picture pictures selection selections offering offerings style "
    "styles purchase brand sort sibling fellow"
)
_OF_FACTS = (
    "user users favours favour favors favor prefers takes took taken often sometimes nearly always close fair loose "
    "weak strong level fact facts evidence known target others other fans people together goes lean leans leaning "
    "choosing chose chosen little popular shared sharing share shares common similar similarly similarity relate "
    "related relation connection connected connects link linked links overlap overlaps attribute attributes"
)
_TELLING = (
    "almost skip skips miss misses out heard hear worked label labels year's combine combines combining combined blend "
    "blends blending mix mixes mixing feature features featuring contain contains containing frequent usual regular "
    "constant think believe plenty behind looks include includes included including turn turns turning territory "
    "familiar ground beside end ends ended reach reaches reaching head heads heading return returns returning hooked "
    "queue corner path trail streak run side back backs nicely neatly easily warmly gladly smoothly happily "
    "comfortably directly exactly squarely firmly slot slots placed put puts set sets stay stays leave leaves left "
    "pass passes ready sense point points support supports supported backed proven prove proves shown showed indicate "
    "indicates hint hints mark marks sign signs signal signals tell tells told explain explains itself despite_that "
    "same alike already enough because half rest whole full total overall simple simply turned belongs belong answer "
    "releases caters cater catering checking promising "
    "answers question matter added adding natural likewise equally accordingly moreover furthermore besides mention "
    "mentioned mentions listed happen happens happened pairing pairings combination duo counterpart contender "
    "crossover justify justifies justified warrant warrants sensible seamlessly effortlessly judging speaking basis "
    "summary"
)
NEUTRAL = frozenset(f"{_FUNCTION} {_RECOMMENDING} {_PRAISE} {_KINDS} {_OF_FACTS} {_TELLING}".split())
