#include "proxy/diagnose/probe/fix.h"

#include <fmt/format.h>

namespace chainmend::diagnose {
namespace {

Recipe for_f5(const FixFiles& files) {
  return {
      "F5 BIG-IP, in tmsh",
      {"PROFILE is the client-ssl profile of the virtual server, ENTRY the name of the entry in "
       "its cert-key-chain",
       files.chain + " holds the list without the leaf: an F5 adds that itself"},
      fmt::format("install sys crypto cert chain.crt from-local-file /var/tmp/{}\n"
                  "modify ltm profile client-ssl PROFILE cert-key-chain modify {{ ENTRY {{ "
                  "chain chain.crt }} }}\n"
                  "save sys config\n",
                  files.chain)};
}

Recipe for_iis(const FixFiles& files) {
  return {"IIS, in PowerShell as administrator",
          {"IIS sends what it finds in the machine's store of intermediate authorities; each "
           "certificate of " +
           files.chain + " goes into a .cer file of its own"},
          "Import-Certificate -FilePath intermediate.cer -CertStoreLocation "
          "Cert:\\LocalMachine\\CA\n"};
}

Recipe for_nginx(const FixFiles& files) {
  return {"nginx", {}, fmt::format("ssl_certificate {};\n", files.list)};
}

Recipe for_haproxy(const FixFiles& files) {
  return {"HAProxy",
          {"the key goes behind the list, into the file that the bind line names"},
          fmt::format("cat {} server.key > /etc/haproxy/server.pem\n"
                      "bind :443 ssl crt /etc/haproxy/server.pem\n",
                      files.list)};
}

Recipe for_chainmend(const Target& target, const std::string& server_name, const FixFiles& files) {
  const std::string name = target.is_address && !server_name.empty()
                               ? fmt::format(", tls: {{ server_name: {} }}", server_name)
                               : "";
  const std::string trust = files.roots.empty() ? "" : fmt::format(", trust: {}", files.roots);
  return {"chainmend in front of it, as chainmend.yaml",
          {"server.key is the key of the certificate"},
          fmt::format("chain: {{ bundles: [{0}]{1} }}\n"
                      "certificates:\n"
                      "  server: {{ cert: {2}, key: server.key }}\n"
                      "listeners:\n"
                      "  - {{ name: front, listen: 0.0.0.0:443, certificates: [server], upstream: "
                      "behind }}\n"
                      "upstreams:\n"
                      "  behind: {{ servers: [\"https://{3}\"]{4} }}\n",
                      files.chain, trust, files.list, target.text(), name)};
}

std::string pem_from(const ListVerdict& verdict, std::size_t first) {
  std::string pem;
  for (std::size_t i = first; i < verdict.repaired.size(); ++i) {
    pem += verdict.repaired[i]->pem();
  }
  return pem;
}

}  // namespace

std::vector<Recipe> recipes(const Target& target, const std::string& server_name,
                            const FixFiles& files) {
  return {for_f5(files), for_iis(files), for_nginx(files), for_haproxy(files),
          for_chainmend(target, server_name, files)};
}

std::string pem_of(const ListVerdict& verdict) { return pem_from(verdict, 0); }

std::string chain_pem_of(const ListVerdict& verdict) { return pem_from(verdict, 1); }

}  // namespace chainmend::diagnose
