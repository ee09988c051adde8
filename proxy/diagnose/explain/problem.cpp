#include "proxy/diagnose/explain/problem.h"

#include <array>

namespace chainmend::diagnose {

namespace {

using Lines = std::string_view[];

constexpr std::string_view kProbe = "chainmend probe HOST shows the list, and who fails there";

constexpr Lines kChainCauses = {"an intermediate is missing from the list that the server shows",
                                "the client has no copy of the root that the list ends in",
                                "something between client and server shows a list of its own"};
constexpr Lines kChainFixes = {
    "serve the whole list; chainmend probe HOST --aia --pem-out fullchain.pem writes it",
    "give the root to the client; to Lync phones by New-CsWebTrustedCACertificate and "
    "Set-CsWebServiceConfiguration -TrustedCACerts",
    "for clients that cannot be changed: chainmend proxy in front of the server"};

constexpr Lines kRefusedCauses = {
    "an intermediate is missing, or the root is unknown to the client",
    "the name asked for is not in the certificate", "a certificate is out of date",
    "the client cannot verify a key or a signature of the list"};
constexpr Lines kDatesCauses = {"a certificate of the list has ended, or has not begun",
                                "the clock of the client is wrong"};
constexpr Lines kDatesChecks = {"chainmend probe HOST shows the dates of the list",
                                "compare the clock of the client with the server's"};
constexpr Lines kDatesFixes = {"renew the certificate that has ended",
                               "give the client a time server"};
constexpr Lines kNameCauses = {"the name that the client asks for is not in subjectAltName",
                               "the client sends no server name and gets the default certificate",
                               "DNS leads to another server"};
constexpr Lines kNameChecks = {
    "chainmend probe HOST, and chainmend probe HOST --sni none as a client without SNI"};
constexpr Lines kNameFixes = {"put every name that clients use into one certificate",
                              "make it the first of the listener: clients without SNI get that"};
constexpr Lines kPurposeCauses = {
    "a certificate is used for what its extensions do not allow: extended key usage, key usage, "
    "basic constraints, path length or name constraints"};
constexpr Lines kPurposeChecks = {kProbe};
constexpr Lines kPurposeFixes = {"have the certificate issued with the purpose that it is used for",
                                 "serve another intermediate of the same authority"};
constexpr Lines kWeakCauses = {
    "a key of the list is short, or a signature is made with MD5 or SHA-1",
    "the Diffie-Hellman group of the server is short"};
constexpr Lines kWeakFixes = {"have the certificate issued anew: RSA of 2048 bits, SHA-256",
                              "offer ECDHE, or groups of 2048 bits"};
constexpr Lines kBadCauses = {
    "the list has another issuer of the same name: a renewed or cross-signed authority",
    "the client does not know the algorithm of a signature",
    "the certificate was damaged, or is not encoded as the standard says"};
constexpr Lines kBadFixes = {
    "serve the intermediate whose key signed the certificate: chainmend "
    "probe HOST --aia --pem-out fullchain.pem"};
constexpr Lines kRevokedCauses = {"its authority has revoked the certificate or an issuer of it"};
constexpr Lines kRevokedFixes = {"replace the certificate"};
constexpr Lines kRevocationCauses = {
    "the client does not reach the addresses for CRL and OCSP that the certificate names",
    "the certificate names none"};
constexpr Lines kRevocationFixes = {"let the client reach these addresses over HTTP"};
constexpr Lines kVersionCauses = {"one side takes no TLS version that the other offers"};
constexpr Lines kVersionChecks = {"chainmend probe HOST shows versions and who fails",
                                  "chainmend policies shows what each TLS policy takes"};
constexpr Lines kVersionFixes = {
    "a TLS policy that takes the version, for these clients alone (for_clients)",
    "update the client"};
constexpr Lines kCipherCauses = {
    "the sides have no cipher suite in common that suits the key of the certificate",
    "they have no group or no signature algorithm in common"};
constexpr Lines kCipherFixes = {
    "a TLS policy with such a suite, for these clients alone (for_clients)",
    "an RSA certificate beside an ECDSA one"};
constexpr Lines kFallbackCauses = {
    "the client came back with an older version after a failure, and the server takes a newer one"};
constexpr Lines kFallbackFixes = {"find out why the first attempt failed: its alert says more"};
constexpr Lines kHandshakeCauses = {"no version, suite or group in common",
                                    "the certificate was refused",
                                    "a client certificate was demanded and did not come"};
constexpr Lines kHandshakeChecks = {kProbe,
                                    "the alert and the log of the other side say which of these"};
constexpr Lines kProtocolCauses = {"a middle box changes or cuts the connection",
                                   "one side breaks the protocol"};
constexpr Lines kProtocolChecks = {kProbe, "try without what stands between"};
constexpr Lines kNotTlsCauses = {"one side speaks plain HTTP, or another protocol, on this port",
                                 "a PROXY header where none is expected"};
constexpr Lines kNotTlsChecks = {"chainmend probe HOST:PORT says what answers there"};
constexpr Lines kNotTlsFixes = {"correct the port or the scheme of the URL"};
constexpr Lines kRenegotiationCauses = {"one side knows no secure renegotiation (RFC 5746)"};
constexpr Lines kRenegotiationFixes = {"update that side"};
constexpr Lines kAlpnCauses = {"the lists of application protocols (ALPN) have nothing in common"};
constexpr Lines kAlpnFixes = {"offer http/1.1"};
constexpr Lines kSniCauses = {"no certificate of the server has the name that was asked for"};
constexpr Lines kClientMissingCauses = {
    "a server that demands a client certificate got none",
    "a proxy in between ended TLS, so that the client's certificate did not reach the server",
    "IIS with SendTrustedIssuerList = 1: the list that it sent lacks the client's root"};
constexpr Lines kClientMissingChecks = {
    "chainmend probe HOST says whether a client certificate is asked for, and from whom"};
constexpr Lines kClientMissingFixes = {
    "through chainmend: mode: passthrough for this server, so that the client's certificate "
    "arrives",
    "or do not demand it on this path"};
constexpr Lines kClientUntrustedCauses = {
    "a certificate that is not self-signed lies in LocalMachine\\Root of the server",
    "the root that issued the clients' certificates is missing there (Mitel: mitel_mfg_ca.crt, "
    "shoretel_mfg_ca.crt)",
    "the roots of the server have more than 16 KB together"};
constexpr Lines kClientUntrustedChecks = {
    "PowerShell lists what in Root another one signed: Get-ChildItem Cert:\\LocalMachine\\Root | "
    "Where-Object { $_.Issuer -ne $_.Subject }"};
constexpr Lines kClientUntrustedFixes = {
    "move each of them to the store for intermediates: add | Move-Item -Destination "
    "Cert:\\LocalMachine\\CA to that line; then Restart-Service W3SVC",
    "import the missing root: Import-Certificate -FilePath mitel_mfg_ca.crt -CertStoreLocation "
    "Cert:\\LocalMachine\\Root",
    "stop-gap: ClientAuthTrustMode = 2 (DWORD) in "
    "HKLM\\SYSTEM\\CurrentControlSet\\Control\\SecurityProviders\\SCHANNEL. Its price: a client "
    "certificate is then good when it chains to any intermediate or root in the store, not to "
    "the trusted issuers alone. Take it back when the store is clean"};
constexpr Lines kClientDatesFixes = {"renew the client's certificate",
                                     "check the clock of the server"};
constexpr Lines kClientDatesCauses = {"the certificate of the client has ended, or has not begun"};
constexpr Lines kClientRevokedCauses = {
    "the client's authority has revoked it",
    "the server could not reach the CRL of that authority: IIS says the same then"};
constexpr Lines kClientRevokedFixes = {
    "let the server reach the CRL", "netsh http show sslcert tells whether revocation is checked"};
constexpr Lines kClientDeniedCauses = {
    "the certificate is valid, but maps to no account, or to one that may not",
    "the server takes certificates of this kind from nobody"};
constexpr Lines kIssuersCauses = {
    "the server sends a list of trusted issuers with its request for a client certificate, and "
    "the roots of its store make it longer than 16 KB"};
constexpr Lines kIssuersFixes = {
    "remove roots that no client needs from Cert:\\LocalMachine\\Root",
    "SendTrustedIssuerList = 0 (the default since Windows Server 2012)"};
constexpr Lines kBindingCauses = {
    "the certificate of the IIS binding for port 443 is not server.crt of the keystore",
    "the phone does not trust the list that the server shows"};
constexpr Lines kBindingChecks = {
    "compare the thumbprint of Shoreline Data\\keystore\\certs\\server.crt with the one of the "
    "binding (IIS Manager, Default Web Site, Bindings, https 443)",
    kProbe};
constexpr Lines kBindingFixes = {"choose the certificate of the keystore in the binding"};
constexpr Lines kUpstreamCauses = {
    "a server behind the proxy shows a list that the proxy does not trust"};
constexpr Lines kUpstreamChecks = {"chainmend probe SERVER"};
constexpr Lines kOwnKeyCauses = {
    "the private key of the certificate is missing, or the service may not read it",
    "no certificate is configured, or none with a purpose that fits",
    "every version that the program asks for is switched off"};
constexpr Lines kOwnKeyChecks = {
    "PowerShell: Get-ChildItem Cert:\\LocalMachine\\My | Select-Object Subject, HasPrivateKey",
    "chainmend check FILE for what chainmend itself serves"};
constexpr Lines kTrustEmptyCauses = {
    "the program could read no roots at all: its own trust store "
    "is missing, empty or not readable"};
constexpr Lines kTrustEmptyFixes = {"name the trust store to the program"};
constexpr Lines kLogonCauses = {"wrong name or password, or an account that may not log on",
                                "one step of NTLM or Negotiate: followed by success it is none",
                                "a proxy in between shares or breaks authenticated connections"};
constexpr Lines kLogonChecks = {"the security log of the server, events 4625 and 4776",
                                "through chainmend: via: auto and preset: exchange"};
constexpr Lines kNobodyCauses = {
    "nobody has logged on: the client sent no credentials, and the path takes no anonymous request",
    "the client refuses to send them to a server whose name or certificate it does not like",
    "the account is not allowed there"};
constexpr Lines kNobodyChecks = {
    "the answers before it: a 401 with WWW-Authenticate must come first",
    "which authentication the virtual directory offers, and which the client knows: "
    "Get-WebServicesVirtualDirectory, Get-AutodiscoverVirtualDirectory",
    "the client's own log for the same minute", "chainmend probe HOST --as lync_phone_edition"};
constexpr Lines kNobodyFixes = {
    "offer an authentication that the client knows on this virtual directory",
    "let the client sign in anew: a phone drops old credentials at a factory reset"};
constexpr Lines kAddressCauses = {
    "a rule of the server refuses the address of the client; behind "
    "a proxy that is the proxy's address"};
constexpr Lines kAddressFixes = {"allow the proxy's address in the rule"};
constexpr Lines kHttpsCauses = {"the request came over plain HTTP, or with a weak cipher"};
constexpr Lines kHttpsFixes = {"through chainmend: https:// in the URL of the upstream"};
constexpr Lines kDnsCauses = {"DNS has no address for the name",
                              "the client asks no DNS server, or the wrong one"};
constexpr Lines kDnsChecks = {"nslookup NAME at the DNS server that the client uses",
                              "which DNS server the client was given (DHCP option 6)"};
constexpr Lines kDnsFixes = {"add an A record for the name", "give the client a DNS server"};
constexpr Lines kConnectCauses = {"nothing listens there", "a firewall refuses the connection"};
constexpr Lines kConnectChecks = {"chainmend probe HOST:PORT from the network of the client"};
constexpr Lines kTimeoutCauses = {"a firewall drops packets", "the other side is too slow"};
constexpr Lines kClosedCauses = {
    "the other side disliked the certificate, and left without an alert",
    "no version or suite in common, with a server that sends no alert", "a middle box"};
constexpr Lines kClosedChecks = {kProbe, "the log of the other side for the same second"};
constexpr Lines kBodyCauses = {
    "the body is larger than a limit",
    "IIS asks for a client certificate while a body is on its way, and may not buffer it "
    "(uploadReadAheadSize)"};
constexpr Lines kBodyFixes = {
    "raise uploadReadAheadSize, or ask for the certificate at the start: netsh http add sslcert "
    "... clientcertnegotiation=enable"};
constexpr Lines kRequestCauses = {"the request breaks a rule of HTTP, or a limit of the server"};
constexpr Lines kUnavailableCauses = {"the application pool is stopped, or its queue is full"};
constexpr Lines kUnavailableChecks = {"PowerShell: Get-IISAppPool",
                                      "the system log of the server, source WAS"};
constexpr Lines kInternalCauses = {"the side that says it failed by itself"};
constexpr Lines kInternalChecks = {"the log of that side for the same second"};
constexpr Lines kProbeOnly = {kProbe};

constexpr std::string_view kClientTrustSource =
    "Microsoft KB 2802568, KB 2880390, Schannel's ClientAuthTrustMode; Mitel, IP400 phones and CAS";

// In the order of the enum.
constexpr std::array<Advice, enums::count<Problem>()> kAdvice = {{
    {"not an error", {}, {}, {}, ""},
    {"the certificate does not lead to a root that is trusted", kChainCauses, kProbeOnly,
     kChainFixes, ""},
    {"the certificate was refused, without a word why", kRefusedCauses, kProbeOnly, kChainFixes,
     ""},
    {"a certificate is outside its dates", kDatesCauses, kDatesChecks, kDatesFixes, ""},
    {"the certificate is for other names", kNameCauses, kNameChecks, kNameFixes, ""},
    {"a certificate may not be used for this", kPurposeCauses, kPurposeChecks, kPurposeFixes, ""},
    {"a key or a signature is too weak", kWeakCauses, kProbeOnly, kWeakFixes, ""},
    {"a certificate cannot be read or verified", kBadCauses, kProbeOnly, kBadFixes, ""},
    {"a certificate is revoked", kRevokedCauses, {}, kRevokedFixes, ""},
    {"nobody could say whether the certificate is revoked",
     kRevocationCauses,
     {},
     kRevocationFixes,
     ""},
    {"client and server have no TLS version in common", kVersionCauses, kVersionChecks,
     kVersionFixes, ""},
    {"client and server have no cipher suite, group or signature in common", kCipherCauses,
     kVersionChecks, kCipherFixes, ""},
    {"an older TLS version than necessary was offered", kFallbackCauses, kProbeOnly, kFallbackFixes,
     "RFC 7507"},
    {"the handshake was refused", kHandshakeCauses, kHandshakeChecks, {}, ""},
    {"a TLS message was broken or out of place", kProtocolCauses, kProtocolChecks, {}, ""},
    {"what came is not TLS", kNotTlsCauses, kNotTlsChecks, kNotTlsFixes, ""},
    {"renegotiation was refused", kRenegotiationCauses, kProbeOnly, kRenegotiationFixes, ""},
    {"no application protocol in common", kAlpnCauses, kProbeOnly, kAlpnFixes, ""},
    {"the server knows no such name", kSniCauses, kNameChecks, kNameFixes, ""},
    {"a client certificate is demanded and did not come", kClientMissingCauses,
     kClientMissingChecks, kClientMissingFixes, "Microsoft KB 2802568"},
    {"the server does not trust the certificate of the client", kClientUntrustedCauses,
     kClientUntrustedChecks, kClientUntrustedFixes, kClientTrustSource},
    {"the certificate of the client is outside its dates",
     kClientDatesCauses,
     {},
     kClientDatesFixes,
     ""},
    {"the certificate of the client is revoked",
     kClientRevokedCauses,
     {},
     kClientRevokedFixes,
     "Microsoft KB 943891"},
    {"the certificate of the client is valid and not allowed", kClientDeniedCauses, {}, {}, ""},
    {"the list of trusted issuers was cut, so clients may find no certificate of theirs in it",
     kIssuersCauses,
     {},
     kIssuersFixes,
     "Microsoft KB 2464556, KB 2880390"},
    {"the phone and the server do not agree on the certificate", kBindingCauses, kBindingChecks,
     kBindingFixes, "Mitel: IP400 Series Phones Fail to Connect to CAS"},
    {"a proxy does not trust the server behind it", kUpstreamCauses, kUpstreamChecks, kChainFixes,
     ""},
    {"a certificate of its own cannot be used", kOwnKeyCauses, kOwnKeyChecks, {}, ""},
    {"the program has no roots to trust", kTrustEmptyCauses, {}, kTrustEmptyFixes, ""},
    {"a logon failed", kLogonCauses, kLogonChecks, {}, ""},
    {"the request was forbidden; without a user name, nobody had logged on", kNobodyCauses,
     kNobodyChecks, kNobodyFixes, ""},
    {"the address of the client was refused", kAddressCauses, {}, kAddressFixes, ""},
    {"the path demands https", kHttpsCauses, {}, kHttpsFixes, ""},
    {"the name leads to no address", kDnsCauses, kDnsChecks, kDnsFixes, ""},
    {"no connection came to be", kConnectCauses, kConnectChecks, {}, ""},
    {"the other side did not answer in time", kTimeoutCauses, kConnectChecks, {}, ""},
    {"the other side closed the connection without a word", kClosedCauses, kClosedChecks, {}, ""},
    {"an idle connection was closed, as always after a while", {}, {}, {}, ""},
    {"the request was too large", kBodyCauses, {}, kBodyFixes, "Microsoft KB 943891"},
    {"the request was malformed", kRequestCauses, {}, {}, ""},
    {"the application behind was not there", kUnavailableCauses, kUnavailableChecks, {}, ""},
    {"the other side failed by itself", kInternalCauses, kInternalChecks, {}, ""},
}};

}  // namespace

const Advice& advice_on(Problem problem) { return kAdvice[static_cast<std::size_t>(problem)]; }

}  // namespace chainmend::diagnose
