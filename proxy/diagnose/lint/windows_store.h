// The store of roots of a Windows server: what it may hold, and the PowerShell lines that mend it.
#pragma once

#include <string>
#include <string_view>

#include "proxy/diagnose/lint/rules.h"

namespace chainmend::diagnose {

// Whether a store of this name holds roots; a certificate of which it is not said may be one.
bool holds_roots(std::string_view store);

// thumbprint: SHA-1; empty: not known, so that the entry has to be found by its name.
std::string move_to_intermediates(const std::string& thumbprint);
std::string remove_entry(const std::string& thumbprint);

// What a certificate among the roots that is none of them does.
inline constexpr const char* kRefused =
    "IIS on Windows Server 2012 and later then refuses clients that it should trust (403.16 with "
    "2148204809, or 403.7 with SendTrustedIssuerList = 1)";
inline constexpr const char* kKeyElsewhere =
    "its private key is on this machine: whoever takes the machine over can make certificates that "
    "all others trust which have this root";
inline constexpr const char* kRemoveKey =
    "keep the key where certificates are issued; here export the certificate alone, remove the "
    "entry with certutil -delkey or certlm.msc, and import the certificate again";

// The makers' roots of phone certificates, as the keystore of a headquarters server has them.
struct PhoneRoot {
  const char* file;
  const char* phones;
  const char* thumbprint;
};
inline constexpr PhoneRoot kPhoneRoots[] = {
    {"shoretel_mfg_ca.crt", "IP400", "191A1C5696F2BFF780D0187F5735040E5CAF2B0D"},
    {"mitel_mfg_ca.crt", "6900", "2ECE1B7E0D824D4168E1E011657187415719F2D9"},
};

std::string place_text(const Place& place);  // "roots.txt:12" or "roots.p7b, entry 3"

}  // namespace chainmend::diagnose
