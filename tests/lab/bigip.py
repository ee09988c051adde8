"""A BIG-IP as its configuration tells of it: the load balancer of a 2012 story, whose inner address sends the leaf alone."""

EXCHANGE = """\
#TMSH-VERSION: 13.1.1

ltm node /Common/cas1 {{
    address 127.0.0.1
}}
ltm pool /Common/cas {{
    load-balancing-mode least-connections-member
    members {{
        /Common/cas1:{backend} {{
            address 127.0.0.1
            priority-group 10
        }}
        /Common/cas2:{spare} {{
            address 127.0.0.2
            ratio 2
            session user-disabled
        }}
    }}
    min-active-members 1
    monitor /Common/owa and /Common/tcp
}}
ltm monitor http /Common/owa {{
    adaptive disabled
    defaults-from /Common/http
    interval 5
    password secret-of-the-monitor
    recv "200 OK"
    send "GET /EWS/Exchange.asmx HTTP/1.1\\r\\nHost: mail.contoso.test\\r\\nConnection: Close\\r\\n\\r\\n"
    time-until-up 0
    timeout 16
    username probe
}}
ltm persistence source-addr /Common/by_address {{
    defaults-from /Common/source_addr
    timeout 2700
}}
ltm profile client-ssl /Common/outside {{
    app-service none
    cert-key-chain {{
        mail {{
            cert /Common/mail.crt
            chain /Common/issuers.crt
            key /Common/mail.key
        }}
    }}
    defaults-from /Common/clientssl
    inherit-certkeychain false
    options {{ dont-insert-empty-fragments no-tlsv1 }}
    passphrase none
}}
ltm profile client-ssl /Common/inside {{
    cert-key-chain {{
        mail {{
            cert /Common/mail.crt
            key /Common/mail.key
        }}
    }}
    defaults-from /Common/clientssl
}}
ltm profile tcp /Common/patient {{
    defaults-from /Common/tcp
    idle-timeout 1800
}}
ltm virtual /Common/ews_inside {{
    destination /Common/10.0.0.5:{inside}
    ip-protocol tcp
    mask 255.255.255.255
    persist {{
        /Common/by_address {{
            default yes
        }}
    }}
    pool /Common/cas
    profiles {{
        /Common/http {{ }}
        /Common/inside {{
            context clientside
        }}
        /Common/patient {{ }}
    }}
    source 0.0.0.0/0
    source-address-translation {{
        type automap
    }}
    translate-address enabled
    vs-index 2
}}
ltm virtual /Common/ews_outside {{
    description "for phones elsewhere"
    destination /Common/10.0.0.5:{outside}
    ip-protocol tcp
    pool /Common/cas
    profiles {{
        /Common/http {{ }}
        /Common/outside {{
            context clientside
        }}
        /Common/tcp {{ }}
    }}
    source-address-translation {{
        type automap
    }}
}}
ltm virtual /Common/to_https {{
    destination /Common/10.0.0.5:{plain}
    ip-protocol tcp
    profiles {{
        /Common/http {{ }}
        /Common/tcp {{ }}
    }}
    rules {{
        /Common/_sys_https_redirect
    }}
}}
ltm rule /Common/only_friends {{
when HTTP_REQUEST {{
    if {{ [HTTP::uri] starts_with "/admin" }} {{
        reject
    }}
}}
}}
ltm virtual /Common/guarded {{
    destination /Common/10.0.0.5:{guarded}
    ip-protocol tcp
    pool /Common/cas
    profiles {{
        /Common/http {{ }}
        /Common/tcp {{ }}
    }}
    rules {{
        /Common/only_friends
    }}
    source 10.0.0.0/8
}}
"""
