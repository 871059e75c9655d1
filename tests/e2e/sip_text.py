"""SIP messages as text: what a correct client and server write, and what is read back."""

import re


def host_port(address):
    """(host, port) as SIP writes it."""
    host, port = address[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def header(message, name):
    """First value of a header field, as text; None if there is none."""
    match = re.search(rb"^" + name.encode() + rb"\s*:[ \t]*([^\r\n]*)", message, re.I | re.M)
    return match[1].decode("utf-8", "replace") if match else None


def headers(message, name):
    head = message.split(b"\r\n\r\n", 1)[0]
    return [found.decode("utf-8", "replace") for found in
            re.findall(rb"^" + name.encode() + rb"\s*:[ \t]*([^\r\n]*)", head, re.I | re.M)]


def call_id_of(message):
    return header(message, "Call-ID")


def status_of(message):
    match = re.match(rb"SIP/2\.0 (\d{3})", message)
    return int(match[1]) if match else None


def is_probe(request):
    return b"\r\nUser-Agent: sipsteer/" in request


def answer_to(request, status="200 OK", extra=""):
    """The answer of a correct server (RFC 3261 §8.2.6)."""
    lines = [f"SIP/2.0 {status}"]
    lines += [f"Via: {value}" for value in headers(request, "Via")]
    lines.append(f"From: {header(request, 'From')}")
    to = header(request, "To") or ""
    lines.append(f"To: {to}" if ";tag=" in to else f"To: {to};tag=uas")
    lines.append(f"Call-ID: {call_id_of(request)}")
    lines.append(f"CSeq: {header(request, 'CSeq')}")
    return ("\r\n".join(lines) + f"\r\n{extra}Content-Length: 0\r\n\r\n").encode()


def request(call_id, source, method="OPTIONS", uri="sip:user@example.com", to_tag="", rport=True,
            extra="", body="", cseq=1, branch=None):
    """A request as a correct client writes it, without folding or short forms."""
    branch = branch or f"z9hG4bK-{call_id}-{cseq}"
    asked = ";rport" if rport else ""
    tag = f";tag={to_tag}" if to_tag else ""
    return (f"{method} {uri} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP {host_port(source)};branch={branch}{asked}\r\n"
            f"Max-Forwards: 70\r\n"
            f"From: <sip:caller@example.com>;tag=from-{call_id}\r\n"
            f"To: <sip:user@example.com>{tag}\r\n"
            f"Call-ID: {call_id}\r\n"
            f"CSeq: {cseq} {method}\r\n"
            f"{extra}Content-Length: {len(body.encode())}\r\n\r\n{body}").encode()
