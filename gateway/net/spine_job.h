#pragma once

#include <string>

#include "gateway/net/spine_source.h"

namespace cpis::net {

/// A question on its way out: what is needed to send it, and to send the same bytes again.
struct SpineSource::Job {
  ProtectionQuestion question;
  spine::Exchange exchange;
  spine::Contract contract;
  spine::HttpContent content;
};

}  // namespace cpis::net
