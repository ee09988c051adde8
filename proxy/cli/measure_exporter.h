// `chainmend measure --listen`: an exporter that Prometheus asks as it asks blackbox_exporter:
// /probe?target=mail.contoso.com:443&type=lync_phone_edition makes one attempt for each client of
// that type and answers with its metrics.
#pragma once

#include "proxy/cli/measure_options.h"

namespace chainmend::cli {

// Serves until a signal comes. Returns the exit code.
int serve_measurements(const MeasureArguments& arguments);

}  // namespace chainmend::cli
