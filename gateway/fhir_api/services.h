#pragma once

#include <functional>
#include <string>

#include "adapters/core/ports/clock.h"
#include "gateway/auth/gatekeeper.h"
#include "gateway/auth/refusal_audit.h"
#include "gateway/config/settings.h"
#include "gateway/fhir_api/look_book.h"
#include "gateway/fhir_api/terminology_api.h"
#include "gateway/fhir_api/validate_api.h"
#include "gateway/net/sealed_text.h"
#include "gateway/net/worker_pool.h"
#include "gateway/register/register.h"
#include "gateway/resources/resource_book.h"
#include "gateway/usecases/check_person.h"
#include "gateway/usecases/feed_mappings.h"
#include "gateway/usecases/subscriber_rights.h"
#include "gateway/usecases/write_resources.h"

namespace cpis::fhir_api {

struct Exchange;

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
  const ValidateApi& validation;
  const TerminologyApi& terminology;
  store::Database& database;
  usecases::WriteResources& writes;
  const usecases::FeedMappings& mappings;  ///< v2-to-FHIR tables of each feed
  const net::SealedText& links;            ///< seals page links
  const usecases::SubscriberRights& subscriber_rights;
  /// Sends an exchange to its route by its path below the base; for entries of a batch. Set by
  /// FhirService.
  std::function<void(Exchange&&, const std::string& below)> dispatch{};
};

}  // namespace cpis::fhir_api
