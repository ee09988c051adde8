// POST /reload of the admin listener: a reload, and what became of it.
#pragma once

#include "proxy/net/loop.h"
#include "proxy/net/task.h"
#include "proxy/server/page_server.h"
#include "proxy/server/reload.h"

namespace chainmend::server {

// Answers when the reload is over: 200 when it was taken, 409 when not, with JSON that says why.
net::Task<Page> reload_page(net::Loop& loop, Reload& reload);

}  // namespace chainmend::server
