// What a request says of its sender. The User-Agents are those that clients were seen to send.
#include "proxy/clients/evidence.h"

#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace chainmend::clients {
namespace {

struct EvidenceCase {
  std::string_view type;  // empty: nothing is told
  std::string_view user_agent;
  std::string_view path = "/ews/exchange.asmx";
};
void PrintTo(const EvidenceCase& one, std::ostream* out) {
  *out << one.user_agent << ' ' << one.path;
}

class Evidence : public testing::TestWithParam<EvidenceCase> {};

TEST_P(Evidence, TellsTheClient) {
  const auto told = told_by(GetParam().user_agent, GetParam().path);
  EXPECT_EQ(told ? told->name() : "", GetParam().type);
}

INSTANTIATE_TEST_SUITE_P(
    Seen, Evidence,
    testing::Values(
        EvidenceCase{"lync_phone_edition", "OCPhone/4.0.7577.4463"},
        EvidenceCase{
            "lync_phone_edition",
            "CPE/4.0.7423.1 OCPhone/4.0.7423.1 (Microsoft Lync 2010 (Beta) Phone Edition)"},
        EvidenceCase{"lync_desktop", "OC/4.0.7577.4051 (Microsoft Lync 2010)"},
        EvidenceCase{"lync_desktop", "UCCAPI/4.0.7577.314 OC/4.0.7577.314 (Microsoft Lync 2010)"},
        EvidenceCase{"polycom_phone",
                     "FileTransport PolycomVVX-VVX_500-UA/5.9.7.47435 Type/Updater"},
        EvidenceCase{"polycom_phone", "PolycomVVX-VVX_410-UA/5.5.0.20556"},
        EvidenceCase{"outlook_windows",
                     "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.6326; Pro)"},
        EvidenceCase{"outlook_windows",
                     "Microsoft Office/12.0 (Windows NT 5.1; Microsoft Office Outlook 12.0.6425; "
                     "Pro)"},
        EvidenceCase{"outlook_mac", "MacOutlook/14.2.0.101115 (Intel Mac OS X 10.6.7)"},
        EvidenceCase{"apple_mail",
                     "Mac OS X/10.6.8 (10K549); ExchangeWebServices/1.3 (61); Mail/4.6 (1085)"},
        EvidenceCase{"ios", "Apple-iPhone6C2/1403.92", "/microsoft-server-activesync"},
        EvidenceCase{"ios", "iOS/11.1.2 (15B202) dataaccessd/1.0"},
        EvidenceCase{"android_5plus", "Android/5.0.2-EAS-2.0"},
        EvidenceCase{"android_4", "Android/4.4.2-EAS-1.3"},
        EvidenceCase{"dotnet_ews", "ExchangeServicesClient/15.00.0913.015"},
        EvidenceCase{"dotnet_ews",
                     "Mozilla/4.0 (compatible; MSIE 6.0; MS Web Services Client Protocol "
                     "4.0.30319.42000)"},
        EvidenceCase{"java_6", "Java/1.6.0_45"}, EvidenceCase{"java_8plus", "Java/11.0.2"},
        EvidenceCase{"tool", "curl/7.88.1"}, EvidenceCase{"monitor", "check_http/v2.3.3"},
        EvidenceCase{"mitel_ip400", "Mozilla/5.0", "/shoreauth/certauth"},
        EvidenceCase{"mitel_ip400", "", "/shoreauth/certauth/x"},
        EvidenceCase{"", "Mozilla/5.0", "/shoreauth/certauthority"},
        EvidenceCase{"", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/137.0.0.0"},
        EvidenceCase{"", "NotOCPhone/4.0"}, EvidenceCase{"", "XOC/4.0"}, EvidenceCase{"", ""},
        EvidenceCase{"", "Microsoft Office/16.0 (Microsoft Word 16.0)"}));

TEST(EvidenceBounds, LooksAtTheBeginningOfALongField) {
  EXPECT_FALSE(told_by(std::string(600, ' ') + "curl/1", "/"));
}

}  // namespace
}  // namespace chainmend::clients
