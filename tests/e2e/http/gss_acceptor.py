"""An NTLM and SPNEGO server of other people's making: MIT Kerberos with gss-ntlmssp, asked by line.

Reads "CONNECTION BASE64", answers "REPLY-BASE64 USER": the token for the client ("-": none) and, once it is complete, who
that is ("-": not yet; "!": refused). NTLM_USER_FILE names the file of domains, users and passwords. Runs under the Python
of the distribution, whose module gssapi it needs.
"""

import base64
import sys

import gssapi

contexts = {}
for line in sys.stdin:
    number, token = line.split()
    context = contexts.setdefault(number, None) or gssapi.SecurityContext(usage="accept")
    contexts[number] = context
    try:
        reply = context.step(base64.b64decode(token))
        user = str(context.initiator_name).rstrip("\0") if context.complete else "-"
    except gssapi.exceptions.GSSError:
        reply, user = None, "!"
    if user != "-":
        del contexts[number]
    print(base64.b64encode(reply).decode() if reply else "-", user, flush=True)
