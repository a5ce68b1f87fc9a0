#pragma once

#include <functional>
#include <string>

#include "adapters/core/ports/clock.h"
#include "gateway/auth/gatekeeper.h"
#include "gateway/auth/refusal_audit.h"
#include "gateway/config/settings.h"
#include "gateway/fhir_api/look_book.h"
#include "gateway/net/worker_pool.h"
#include "gateway/register/register.h"
#include "gateway/resources/resource_book.h"
#include "gateway/usecases/check_person.h"

namespace cpis::fhir_api {

/// What the FHIR face needs. Everything outlives it and is safe to use from many threads.
struct Services {
  const config::Settings& settings;
  const Clock& clock;
  usecases::CheckPerson& check;
  const registry::Register* local = nullptr;  ///< the embedded register, when it is the source
  const resources::ResourceBook& book;
  net::WorkerPool& workers;  ///< for whatever takes long
  LookBook& looks;
  const auth::Gatekeeper& gatekeeper;
  auth::RefusalAudit& refusals;
};

}  // namespace cpis::fhir_api
