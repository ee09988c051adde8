// The profiles, monitors and persistences that every BIG-IP has, and no bigip.conf shows.
#pragma once

#include <array>
#include <string_view>

namespace chainmend::diagnose::f5 {

struct Builtin {
  std::string_view kind, name;
};

inline constexpr std::array kBuiltins{
    Builtin{"ltm profile client-ssl", "clientssl"},
    Builtin{"ltm profile client-ssl", "clientssl-insecure-compatible"},
    Builtin{"ltm profile client-ssl", "clientssl-secure"},
    Builtin{"ltm profile client-ssl", "crypto-server-default-clientssl"},
    Builtin{"ltm profile client-ssl", "wom-default-clientssl"},
    Builtin{"ltm profile server-ssl", "serverssl"},
    Builtin{"ltm profile server-ssl", "serverssl-insecure-compatible"},
    Builtin{"ltm profile server-ssl", "serverssl-secure"},
    Builtin{"ltm profile server-ssl", "apm-default-serverssl"},
    Builtin{"ltm profile server-ssl", "wom-default-serverssl"},
    Builtin{"ltm profile http", "http"},
    Builtin{"ltm profile http", "http-transparent"},
    Builtin{"ltm profile tcp", "tcp"},
    Builtin{"ltm profile tcp", "tcp-lan-optimized"},
    Builtin{"ltm profile tcp", "tcp-wan-optimized"},
    Builtin{"ltm profile tcp", "tcp-mobile-optimized"},
    Builtin{"ltm profile tcp", "tcp-legacy"},
    Builtin{"ltm profile tcp", "f5-tcp-lan"},
    Builtin{"ltm profile tcp", "f5-tcp-mobile"},
    Builtin{"ltm profile tcp", "f5-tcp-progressive"},
    Builtin{"ltm profile tcp", "f5-tcp-wan"},
    Builtin{"ltm profile tcp", "mptcp-mobile-optimized"},
    Builtin{"ltm profile tcp", "splitsession-default-tcp"},
    Builtin{"ltm profile tcp", "apm-forwarding-client-tcp"},
    Builtin{"ltm profile tcp", "apm-forwarding-server-tcp"},
    Builtin{"ltm profile tcp", "wom-tcp-lan-optimized"},
    Builtin{"ltm profile tcp", "wom-tcp-wan-optimized"},
    Builtin{"ltm profile fastl4", "fastL4"},
    Builtin{"ltm profile one-connect", "oneconnect"},
    Builtin{"ltm profile ntlm", "ntlm"},
    Builtin{"ltm profile http-compression", "httpcompression"},
    Builtin{"ltm profile http-compression", "wan-optimized-compression"},
    Builtin{"ltm profile web-acceleration", "webacceleration"},
    Builtin{"ltm profile web-acceleration", "optimized-acceleration"},
    Builtin{"ltm profile web-acceleration", "optimized-caching"},
    Builtin{"ltm profile web-security", "websecurity"},
    Builtin{"ltm profile http2", "http2"},
    Builtin{"ltm profile websocket", "websocket"},
    Builtin{"ltm profile stream", "stream"},
    Builtin{"ltm profile request-log", "request-log"},
    Builtin{"ltm profile analytics", "analytics"},
    Builtin{"ltm profile statistics", "stats"},
    Builtin{"ltm profile udp", "udp"},
    Builtin{"ltm profile ftp", "ftp"},
    Builtin{"ltm profile html", "html"},
    Builtin{"ltm profile xml", "xml"},
    Builtin{"ltm profile rewrite", "rewrite"},
    Builtin{"ltm monitor http", "http"},
    Builtin{"ltm monitor https", "https"},
    Builtin{"ltm monitor https", "https_443"},
    Builtin{"ltm monitor http", "http_head_f5"},
    Builtin{"ltm monitor https", "https_head_f5"},
    Builtin{"ltm monitor tcp", "tcp"},
    Builtin{"ltm monitor tcp-half-open", "tcp_half_open"},
    Builtin{"ltm monitor gateway-icmp", "gateway_icmp"},
    Builtin{"ltm monitor icmp", "icmp"},
    Builtin{"ltm monitor udp", "udp"},
    Builtin{"ltm monitor inband", "inband"},
    Builtin{"ltm persistence cookie", "cookie"},
    Builtin{"ltm persistence source-addr", "source_addr"},
    Builtin{"ltm persistence dest-addr", "dest_addr"},
    Builtin{"ltm persistence ssl", "ssl"},
    Builtin{"ltm persistence hash", "hash"},
    Builtin{"ltm persistence universal", "universal"},
    Builtin{"ltm persistence msrdp", "msrdp"},
    Builtin{"ltm persistence sip", "sip_info"},
};

}  // namespace chainmend::diagnose::f5
