"""sipp scenarios, put together from their steps."""

SDP = """v=0
o=user1 1 1 IN IP[local_ip_type] [local_ip]
s=-
c=IN IP[media_ip_type] [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 0"""


def scenario(name, *steps):
    return ('<?xml version="1.0" encoding="ISO-8859-1" ?>\n<!DOCTYPE scenario SYSTEM "sipp.dtd">\n'
            f'<scenario name="{name}">\n' + "\n".join(steps) + "\n</scenario>\n")


def _send(text, attributes=""):
    return f"<send{attributes}><![CDATA[\n{text}\n\n]]></send>"


def pause(milliseconds):
    return f'<pause milliseconds="{milliseconds}"/>'


# --- The side that is called ---

def receives(method, attributes=""):
    return f'<recv request="{method}" rrs="true"{attributes}/>'


def keeps_invite():
    """Receives an INVITE and remembers what its answer must repeat, whatever comes in between."""
    # All Via lines at once: a search in one header finds the first line alone.
    fields = (("Via:.*From:", 'search_in="msg"', 1),
              (".*", 'search_in="hdr" header="From:"', 2),
              (".*", 'search_in="hdr" header="To:"', 3),
              (".*", 'search_in="hdr" header="CSeq:"', 4))
    actions = "".join(f'<ereg regexp="{pattern}" {where} assign_to="{number}"/>'
                      for pattern, where, number in fields)
    return f'<recv request="INVITE"><action>{actions}</action></recv>'


def answers_kept(status):
    return _send(f"SIP/2.0 {status}\n[$1][$2]\nTo:[$3];tag=[pid]t[call_number]\n"
                 "[last_Call-ID:]\nCSeq:[$4]\nContent-Length: 0", ' retrans="500"')


def answers(status, more="", repeated=False, tag=True):
    to = "[last_To:];tag=[pid]t[call_number]" if tag else "[last_To:]"
    text = (f"SIP/2.0 {status}\n[last_Via:]\n[last_From:]\n{to}\n[last_Call-ID:]\n[last_CSeq:]\n"
            "[last_Record-Route:]\nContact: <sip:[local_ip]:[local_port];transport=[transport]>\n")
    if more:
        text += more + "\n"
    return _send(text + "Content-Length: 0", ' retrans="500"' if repeated else "")


# --- The side that calls ---

_HEAD = ("Via: SIP/2.0/[transport] [local_ip]:[local_port];branch={branch}\n"
         "From: sipp <sip:sipp@[local_ip]:[local_port]>;tag=[pid]c[call_number]\n"
         "To: <sip:service@[remote_ip]:[remote_port]>{to}\nCall-ID: [call_id]\n"
         "CSeq: {cseq} {method}\nContact: <sip:sipp@[local_ip]:[local_port]>\nMax-Forwards: 70\n")


def asks(method, cseq=1, to="", more="", of_step=0, repeated=True):
    """`of_step`: which step of the scenario this is, for a request that belongs to the INVITE of
    step 0 and so has its branch: CANCEL, and ACK to a failure."""
    uri = "sip:service@[remote_ip]:[remote_port]"
    branch = f"[branch-{of_step}]" if of_step else "[branch]"
    body = SDP if method == "INVITE" else ""
    text = f"{method} {uri} SIP/2.0\n" + _HEAD.format(
        branch=branch, to=to, cseq=cseq, method=method)
    if more:
        text += more + "\n"
    text += "Content-Type: application/sdp\nContent-Length: [len]\n\n" + body if body \
        else "Content-Length: 0"
    return _send(text, ' retrans="500"' if repeated else "")


# Within the dialog: to whom the answer's Contact names, with the tag that it gave.
def asks_in_dialog(method, cseq, more="", repeated=True):
    return _send(
        f"{method} [next_url] SIP/2.0\n"
        "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]\n[routes]\n"
        "From: sipp <sip:sipp@[local_ip]:[local_port]>;tag=[pid]c[call_number]\n"
        "To: <sip:service@[remote_ip]:[remote_port]>[peer_tag_param]\nCall-ID: [call_id]\n"
        f"CSeq: {cseq} {method}\nContact: <sip:sipp@[local_ip]:[local_port]>\nMax-Forwards: 70\n"
        f"{more}{chr(10) if more else ''}Content-Length: 0",
        ' retrans="500"' if repeated else "")


def hears(status, optional=False):
    return (f'<recv response="{status}" rrs="true"' +
            (' optional="true"' if optional else "") + "/>")
