// told_by(): which client a request shows its sender to be. What clients call themselves is taken
// from Exchange and IIS logs and from vendors' documents; a path counts where only one kind of
// client asks for it. Pure; allocates nothing.
#pragma once

#include <optional>
#include <string_view>

#include "proxy/clients/client_type.h"

namespace chainmend::clients {

// user_agent: the field's value, empty when there is none. normalised_path: as routes see it, in
// lower case. Nothing when neither tells.
std::optional<ClientType> told_by(std::string_view user_agent, std::string_view normalised_path);

}  // namespace chainmend::clients
