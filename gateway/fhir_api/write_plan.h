#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "fhir/tree/document.h"
#include "gateway/fhir_api/services.h"
#include "gateway/http/response.h"
#include "gateway/resources/resource_book.h"
#include "gateway/usecases/write_resources.h"

namespace cpis::fhir_api {

/// A change that one interaction wants.
struct WriteWish {
  std::string type;
  std::string id;            ///< of an update, patch or delete; empty: by `condition`, or a create
  std::string fresh_id;      ///< for a conditional update that finds none and states no id
  std::string condition;     ///< query of a conditional interaction, without `?`
  bool conditional = false;  ///< the condition stands even when it is empty
  std::string if_match;      ///< header as sent; empty without one
  std::string if_none_match;
  std::string content_type;  ///< of `body`
  std::string body;
};

/// What an interaction comes to before anything is written.
struct Planned {
  std::optional<usecases::ResourceWrite> write;  ///< nothing: it is answered as it stands
  int status = 200;
  std::string type;
  std::string id;
  resources::EntryPtr existing;  ///< what stands there already: a conditional create that found it
};
using PlanOutcome = std::variant<Planned, http::Response>;

/// Works out creates, updates, patches and deletes of local resources: reads and validates the
/// body, holds the rules of the product, finds the resource of a condition. Writes nothing. Use it
/// under `WriteResources::conditional()` when a condition is among the wishes. For one thread.
class WritePlanner {
 public:
  /// `client` is who writes, as the configuration names it.
  WritePlanner(const Services& services, std::string base, std::string client)
      : services_{services}, base_{std::move(base)}, client_{std::move(client)} {}

  PlanOutcome create(const WriteWish& wish, fhir::Document& body);
  PlanOutcome update(const WriteWish& wish, fhir::Document& body);
  PlanOutcome patch(const WriteWish& wish);
  PlanOutcome remove(const WriteWish& wish);

  /// Resources of the same transaction, `Patient/1`, which count as known.
  void expect(const std::string& reference) { expected_.push_back(reference); }
  /// The id that a create of this resource gets.
  static std::string id_for(const fhir::Element& resource);

 private:
  struct FoundOne {
    resources::EntryPtr entry;  ///< null: none
  };
  std::variant<FoundOne, http::Response> find_one(std::string_view type,
                                                  const std::string& condition) const;
  /// What a patch or a delete is about, by condition or by id.
  std::variant<FoundOne, http::Response> find_wished(const WriteWish& wish) const;
  std::optional<http::Response> refuse(const fhir::Element& resource, std::string_view id) const;
  std::optional<http::Response> check_patient(const fhir::Element& patient,
                                              std::string_view id) const;
  std::optional<http::Response> check_subject(const fhir::Element& resource) const;
  std::optional<http::Response> check_flag(const fhir::Element& flag) const;
  /// Makes the client the owner, and the status one that a client may ask for.
  std::optional<http::Response> check_subscription(fhir::Document& body, std::string_view id) const;
  /// A Subscription of somebody else: for this client it is not there.
  bool is_strange(const resources::EntryPtr& entry) const;
  bool mirrors_national(std::string_view type, std::string_view id) const;
  PlanOutcome put(fhir::Document& body, const std::string& type, const std::string& id,
                  const resources::EntryPtr& current, std::optional<std::int64_t> if_version);

  const Services& services_;
  std::string base_;
  std::string client_;
  std::vector<std::string> expected_;
};

/// A failure to write as the answer: 412 when a version was demanded, 409, 404, 503.
http::Response write_failed(const Error& error, bool version_demanded);

}  // namespace cpis::fhir_api
