#include "proxy/diagnose/probe/fix.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <algorithm>
#include <string_view>

#include "config/quote.h"
#include "proxy/clients/client_hello.h"
#include "proxy/clients/suites.h"

namespace chainmend::diagnose {
namespace {

// Without its folder: the file is copied to where the server is.
std::string file_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

Recipe for_f5(const FixFiles& files) {
  return {"F5 BIG-IP, in tmsh",
          {"P is the client-ssl profile of the virtual server, E the name of the entry in its "
           "cert-key-chain",
           files.chain + " holds the list without the leaf: an F5 adds that itself"},
          fmt::format("install sys crypto cert chain.crt from-local-file /var/tmp/{}\n"
                      "modify ltm profile client-ssl P cert-key-chain modify {{ E {{ chain "
                      "chain.crt }} }}\n"
                      "save sys config\n",
                      file_name(files.chain))};
}

Recipe for_iis(const FixFiles& files) {
  return {"IIS, at a prompt of the administrator",
          {"IIS sends what it finds in the machine's store of intermediate authorities; each "
           "certificate of " +
           files.chain + " goes into a .cer file of its own"},
          "certutil -addstore CA intermediate.cer\n"};
}

Recipe for_nginx(const FixFiles& files) {
  return {"nginx, in place of the present line",
          {},
          fmt::format("ssl_certificate {};\n", file_name(files.list))};
}

Recipe for_haproxy(const FixFiles& files) {
  return {"HAProxy, which reads the list and its key from the file of the bind line",
          {},
          fmt::format("cat {} server.key > /etc/haproxy/server.pem\n", file_name(files.list))};
}

std::string trust_line(const FixFiles& files) {
  std::string roots;
  for (const std::string& file : files.roots) {
    roots += (roots.empty() ? "" : ", ") + config::quote(file);
  }
  return roots.empty() ? "" : "  trust: [" + roots + "]\n";
}

std::string policy_lines(const Front& front) {
  std::string text;
  for (const auto& [type, policy] : front.policies) {
    text += fmt::format("        - {{ client_type: {}, policy: {} }}\n", type, policy);
  }
  return text.empty() ? "" : "    tls:\n      for_clients:\n" + text;
}

Recipe for_chainmend(const Front& front, const FixFiles& files) {
  Recipe recipe{"chainmend in front of it, as chainmend.yaml",
                {"server.key is the key of the certificate"},
                {}};
  if (!front.policies.empty()) {
    recipe.notes.emplace_back(
        "for_clients opens old TLS to these kinds of client alone; leave out those that you do not "
        "have (--as names yours)");
  }
  const std::string name = front.server_name.empty()
                               ? ""
                               : fmt::format("    tls: {{ server_name: {} }}\n", front.server_name);
  recipe.text = fmt::format(
      "chain:\n"
      "  bundles: [{}]\n"
      "{}"
      "certificates:\n"
      "  server: {{ cert: {}, key: server.key }}\n"
      "listeners:\n"
      "  - name: front\n"
      "    listen: 0.0.0.0:443\n"
      "    certificates: [server]\n"
      "    upstream: behind\n"
      "{}"
      "upstreams:\n"
      "  behind:\n"
      "    servers: [\"https://{}\"]\n"
      "{}",
      config::quote(files.chain), trust_line(files), config::quote(files.list), policy_lines(front),
      front.server, name);
  return recipe;
}

std::string pem_from(const ListVerdict& verdict, std::size_t first) {
  std::string pem;
  for (std::size_t i = first; i < verdict.repaired.size(); ++i) {
    pem += verdict.repaired[i]->pem();
  }
  return pem;
}

// The policy under which this client can come to an agreement, when the default one leaves it out.
std::string policy_for(const ClientVerdict& client, std::string_view authentication) {
  if (client.version < clients::kTls12) {
    return "legacy-tls10";
  }
  const bool has_modern_suite =
      client.version >= clients::kTls13 ||
      std::ranges::any_of(client.stack->suites, [authentication](std::uint16_t suite) {
        const std::string name = clients::suite_name(suite);
        return name.starts_with(authentication) &&
               (name.find("GCM") != std::string::npos || name.find("CHACHA") != std::string::npos);
      });
  return has_modern_suite ? "" : "compatible-tls12";
}

}  // namespace

std::map<std::string, std::string> policies_for(const std::vector<ClientVerdict>& clients,
                                                const certs::Certificate& leaf) {
  const EVP_PKEY* const key = X509_get0_pubkey(leaf.x509());
  const bool rsa = key != nullptr && EVP_PKEY_is_a(key, "RSA") == 1;
  std::map<std::string, std::string> policies;
  for (const ClientVerdict& client : clients) {
    if (client.fault != ClientFault::intermediate && client.fault != ClientFault::order) {
      continue;
    }
    const std::string policy = policy_for(client, rsa ? "TLS_ECDHE_RSA" : "TLS_ECDHE_ECDSA");
    std::string& known = policies[std::string(client.stack->hello_type)];
    known = std::max(known, policy);  // by name the older one is the greater
  }
  std::erase_if(policies, [](const auto& one) { return one.second.empty(); });
  return policies;
}

std::vector<Recipe> recipes(const Front& front, const FixFiles& files) {
  return {for_f5(files), for_iis(files), for_nginx(files), for_haproxy(files),
          for_chainmend(front, files)};
}

std::string pem_of(const ListVerdict& verdict) { return pem_from(verdict, 0); }

std::string chain_pem_of(const ListVerdict& verdict) { return pem_from(verdict, 1); }

}  // namespace chainmend::diagnose
