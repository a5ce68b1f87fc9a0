#include "fhir/terminology/terminology.h"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <set>
#include <thread>

using namespace cpis::fhir;

namespace {

constexpr auto yes = Membership::yes;
constexpr auto no = Membership::no;
constexpr auto unknown = Membership::unknown;

constexpr std::string_view colours = "http://example.org/colours";

constexpr std::string_view system_json = R"({"resourceType":"CodeSystem","status":"active",
  "url":"http://example.org/colours","content":"complete","hierarchyMeaning":"is-a","concept":[
  {"code":"warm","property":[{"code":"notSelectable","valueBoolean":true}],"concept":[
    {"code":"red","display":"Red","property":[{"code":"hex","valueString":"f00"}],
     "concept":[{"code":"crimson"}]},
    {"code":"orange","property":[{"code":"status","valueCode":"retired"}]}]},
  {"code":"blue","display":"Blue","property":[{"code":"hex","valueString":"00f"}]}]})";

/// Value sets over that system, each given by its `compose`.
struct Bench {
  Issues issues;
  std::vector<Package> packages{1};
  std::unique_ptr<Definitions> definitions;
  std::unique_ptr<Terminology> terminology;

  Bench() { packages[0].add_file("s.json", std::string{system_json}, issues); }

  Bench& system(std::string_view json) {
    packages[0].add_file("s.json", std::string{json}, issues);
    return *this;
  }
  Bench& set(std::string_view name, std::string_view compose, std::string_view more = {}) {
    packages[0].add_file("v.json",
                         R"({"resourceType":"ValueSet","status":"active","url":"http://v/)" +
                             std::string{name} + R"(","compose":{)" + std::string{compose} + "}" +
                             std::string{more} + "}",
                         issues);
    return *this;
  }
  const Terminology& open() {
    definitions = std::make_unique<Definitions>(std::move(packages), issues);
    terminology = std::make_unique<Terminology>(*definitions);
    BOOST_TEST(issues.empty());
    return *terminology;
  }
};

std::string codes(const Terminology& terminology, std::string_view set,
                  const ExpansionRequest& request = {}) {
  const auto expansion = terminology.expand(set, request);
  if (!expansion) return "unknown";
  std::string text;
  for (const ExpandedConcept& one : expansion->concepts) text += std::string{one.code} + ' ';
  for (const std::string_view open : expansion->missing_systems) text += "+" + std::string{open};
  return text;
}

std::string filtered(std::string_view filter) {
  return R"("include":[{"system":"http://example.org/colours","filter":[)" + std::string{filter} +
         "]}]";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(terminology_tests)

BOOST_AUTO_TEST_CASE(codes_of_a_loaded_system) {
  Bench bench;
  const Terminology& terminology = bench.open();
  const CodeAnswer red = terminology.lookup(colours, "red");
  BOOST_TEST((red.membership == yes));
  BOOST_TEST(red.display == "Red");
  BOOST_TEST(!red.abstract);
  BOOST_TEST(terminology.lookup(colours, "warm").abstract);
  BOOST_TEST(terminology.lookup(colours, "orange").inactive);
  BOOST_TEST((terminology.lookup(colours, "Red").membership == no));
  BOOST_TEST((terminology.lookup("http://example.org/other", "red").membership == unknown));
}

BOOST_AUTO_TEST_CASE(a_fragment_cannot_say_no) {
  Bench bench;
  bench.system(R"({"resourceType":"CodeSystem","url":"http://part","content":"fragment",
    "concept":[{"code":"a"}]})");
  const Terminology& terminology = bench.open();
  BOOST_TEST((terminology.lookup("http://part", "a").membership == yes));
  BOOST_TEST((terminology.lookup("http://part", "b").membership == unknown));
  BOOST_TEST(!terminology.knows_system("http://part"));
  BOOST_TEST(terminology.knows_system(colours));
}

BOOST_AUTO_TEST_CASE(letter_case_counts_unless_the_system_says_otherwise) {
  Bench bench;
  bench.system(R"({"resourceType":"CodeSystem","url":"http://loose","content":"complete",
    "caseSensitive":false,"concept":[{"code":"Ab"}]})");
  bench.set("loose", R"("include":[{"system":"http://loose","concept":[{"code":"Ab"}]}])");
  const Terminology& terminology = bench.open();
  BOOST_TEST((terminology.lookup("http://loose", "aB").membership == yes));
  BOOST_TEST((terminology.validate("http://v/loose", "http://loose", "AB").membership == yes));
}

BOOST_AUTO_TEST_CASE(includes_and_excludes) {
  Bench bench;
  bench.set("all", R"("include":[{"system":"http://example.org/colours"}])");
  bench.set("some", R"("include":[{"system":"http://example.org/colours",
    "concept":[{"code":"red","display":"Rouge"},{"code":"blue"}]}])");
  bench.set("less", R"("include":[{"system":"http://example.org/colours"}],
    "exclude":[{"system":"http://example.org/colours","concept":[{"code":"blue"}]}])");
  bench.set("active", R"("inactive":false,"include":[{"system":"http://example.org/colours"}])");
  const Terminology& terminology = bench.open();
  BOOST_TEST(codes(terminology, "http://v/all") == "warm red crimson orange blue ");
  BOOST_TEST(codes(terminology, "http://v/some") == "red blue ");
  BOOST_TEST(codes(terminology, "http://v/less") == "warm red crimson orange ");
  BOOST_TEST(codes(terminology, "http://v/active") == "warm red crimson blue ");
  BOOST_TEST(codes(terminology, "http://v/none") == "unknown");
  BOOST_TEST(terminology.validate("http://v/some", colours, "red").display == "Rouge");
  BOOST_TEST((terminology.validate("http://v/some", colours, "crimson").membership == no));
  BOOST_TEST((terminology.validate("http://v/less", colours, "blue").membership == no));
  BOOST_TEST((terminology.validate("http://v/some", "http://other", "red").membership == no));
  BOOST_TEST((terminology.validate("http://v/some", {}, "red").membership == yes));
  BOOST_TEST((terminology.validate("http://v/nowhere", colours, "red").membership == unknown));
}

BOOST_AUTO_TEST_CASE(filters_over_a_loaded_system) {
  Bench bench;
  bench.set("is-a", filtered(R"({"property":"concept","op":"is-a","value":"red"})"));
  bench.set("below", filtered(R"({"property":"concept","op":"descendent-of","value":"warm"})"));
  bench.set("not", filtered(R"({"property":"concept","op":"is-not-a","value":"red"})"));
  bench.set("up", filtered(R"({"property":"concept","op":"generalizes","value":"crimson"})"));
  bench.set("hex", filtered(R"({"property":"hex","op":"=","value":"f00"})"));
  bench.set("hexes", filtered(R"({"property":"hex","op":"in","value":"f00, 00f"})"));
  bench.set("has", filtered(R"({"property":"hex","op":"exists","value":"true"})"));
  bench.set("lacks", filtered(R"({"property":"hex","op":"exists","value":"false"})"));
  bench.set("both", filtered(R"({"property":"concept","op":"is-a","value":"warm"},
    {"property":"hex","op":"exists","value":"true"})"));
  const Terminology& terminology = bench.open();
  BOOST_TEST(codes(terminology, "http://v/is-a") == "red crimson ");
  BOOST_TEST(codes(terminology, "http://v/below") == "red crimson orange ");
  BOOST_TEST(codes(terminology, "http://v/not") == "warm orange blue ");
  BOOST_TEST(codes(terminology, "http://v/up") == "warm red crimson ");
  BOOST_TEST(codes(terminology, "http://v/hex") == "red ");
  BOOST_TEST(codes(terminology, "http://v/hexes") == "red blue ");
  BOOST_TEST(codes(terminology, "http://v/has") == "red blue ");
  BOOST_TEST(codes(terminology, "http://v/lacks") == "warm crimson orange ");
  BOOST_TEST(codes(terminology, "http://v/both") == "red ");
}

// What cannot be decided here must be said, not guessed: neither in nor out.
BOOST_AUTO_TEST_CASE(filters_and_systems_that_cannot_be_decided_are_unknown) {
  Bench bench;
  bench.set("regex", filtered(R"({"property":"code","op":"regex","value":"r.*"})"));
  bench.set("sct", R"("include":[{"system":"http://snomed.info/sct",
    "filter":[{"property":"concept","op":"is-a","value":"404684003"}]}])");
  bench.set("mixed", R"("include":[{"system":"http://example.org/colours"},
    {"system":"http://example.org/elsewhere"}])");
  bench.set("doubt", R"("include":[{"system":"http://example.org/colours"}],
    "exclude":[{"valueSet":["http://v/not-here"]}])");
  const Terminology& terminology = bench.open();
  BOOST_TEST((terminology.validate("http://v/regex", colours, "red").membership == unknown));
  BOOST_TEST((terminology.validate("http://v/regex", colours, "green").membership == no));
  BOOST_TEST(
      (terminology.validate("http://v/sct", "http://snomed.info/sct", "22298006").membership ==
       unknown));
  BOOST_TEST((
      terminology.validate("http://v/sct", "http://snomed.info/sct", "22298007").membership == no));
  BOOST_TEST((terminology.validate("http://v/sct", "http://loinc.org", "8302-2").membership == no));
  BOOST_TEST((terminology.validate("http://v/mixed", colours, "red").membership == yes));
  BOOST_TEST(
      (terminology.validate("http://v/mixed", "http://example.org/elsewhere", "x").membership ==
       unknown));
  BOOST_TEST((terminology.validate("http://v/doubt", colours, "red").membership == unknown));
  BOOST_TEST(codes(terminology, "http://v/mixed") ==
             "warm red crimson orange blue +http://example.org/elsewhere");
}

BOOST_AUTO_TEST_CASE(value_sets_of_value_sets) {
  Bench bench;
  bench.set("warm", filtered(R"({"property":"concept","op":"is-a","value":"warm"})"));
  bench.set("plain", R"("include":[{"system":"http://example.org/colours",
    "concept":[{"code":"red"},{"code":"blue"}]}])");
  bench.set("union",
            R"("include":[{"valueSet":["http://v/warm"]},{"valueSet":["http://v/plain"]}])");
  bench.set("meet", R"("include":[{"valueSet":["http://v/warm","http://v/plain"]}])");
  bench.set("minus", R"("include":[{"valueSet":["http://v/plain"]}],
    "exclude":[{"valueSet":["http://v/warm"]}])");
  bench.set("narrow", R"("include":[{"system":"http://example.org/colours",
    "valueSet":["http://v/plain"]}])");
  const Terminology& terminology = bench.open();
  BOOST_TEST(codes(terminology, "http://v/union") == "warm red crimson orange blue ");
  BOOST_TEST(codes(terminology, "http://v/meet") == "red ");
  BOOST_TEST(codes(terminology, "http://v/minus") == "blue ");
  BOOST_TEST(codes(terminology, "http://v/narrow") == "red blue ");
  BOOST_TEST((terminology.validate("http://v/meet", colours, "blue").membership == no));
  BOOST_TEST((terminology.validate("http://v/meet", {}, "red").membership == yes));
}

BOOST_AUTO_TEST_CASE(a_value_set_that_contains_itself_ends) {
  Bench bench;
  bench.set("a", R"("include":[{"valueSet":["http://v/b"]}])");
  bench.set("b", R"("include":[{"valueSet":["http://v/a"]},
    {"system":"http://example.org/colours","concept":[{"code":"red"}]}])");
  const Terminology& terminology = bench.open();
  BOOST_TEST((terminology.validate("http://v/a", colours, "red").membership == yes));
  BOOST_TEST((terminology.validate("http://v/a", colours, "blue").membership == unknown));
}

BOOST_AUTO_TEST_CASE(nesting_has_a_limit) {
  Bench bench;
  bench.set("0", R"("include":[{"system":"http://example.org/colours"}])");
  for (int level = 1; level <= 20; ++level) {
    bench.set(std::to_string(level),
              R"("include":[{"valueSet":["http://v/)" + std::to_string(level - 1) + "\"]}]");
  }
  const Terminology& terminology = bench.open();
  BOOST_TEST((terminology.validate("http://v/5", colours, "red").membership == yes));
  BOOST_TEST((terminology.validate("http://v/20", colours, "red").membership == unknown));
}

BOOST_AUTO_TEST_CASE(the_stored_expansion_decides_what_we_cannot) {
  Bench bench;
  const std::string_view include = R"("include":[{"system":"http://far","filter":[
    {"property":"concept","op":"is-a","value":"1"}]}])";
  bench.set("whole", include, R"(,"expansion":{"total":1,"contains":[
    {"system":"http://far","code":"1","display":"One"}]})");
  bench.set("part", include, R"(,"expansion":{"total":9,"contains":[
    {"system":"http://far","code":"1"}]})");
  const Terminology& terminology = bench.open();
  BOOST_TEST(terminology.validate("http://v/whole", "http://far", "1").display == "One");
  BOOST_TEST((terminology.validate("http://v/whole", "http://far", "2").membership == no));
  BOOST_TEST((terminology.validate("http://v/part", "http://far", "1").membership == yes));
  BOOST_TEST((terminology.validate("http://v/part", "http://far", "2").membership == unknown));
  BOOST_TEST(codes(terminology, "http://v/whole") == "1 ");
  BOOST_TEST(codes(terminology, "http://v/part") == "1 +http://far");
}

BOOST_AUTO_TEST_CASE(an_expansion_can_be_filtered_and_paged) {
  Bench bench;
  bench.set("all", R"("include":[{"system":"http://example.org/colours"}])");
  const Terminology& terminology = bench.open();
  BOOST_TEST(codes(terminology, "http://v/all", {"RE", false, 0, 10}) == "red ");
  BOOST_TEST(codes(terminology, "http://v/all", {{}, false, 1, 2}) == "red crimson ");
  BOOST_TEST(codes(terminology, "http://v/all", {{}, true, 3, 9}) == "blue ");
  BOOST_TEST(terminology.expand("http://v/all", {{}, false, 1, 2})->total == 5U);
}

BOOST_AUTO_TEST_CASE(one_code_can_subsume_another) {
  Bench bench;
  const Terminology& terminology = bench.open();
  BOOST_TEST(terminology.subsumes(colours, "warm", "crimson").value());
  BOOST_TEST(terminology.subsumes(colours, "red", "red").value());
  BOOST_TEST(!terminology.subsumes(colours, "crimson", "warm").value());
  BOOST_TEST(!terminology.subsumes(colours, "warm", "green").has_value());
  BOOST_TEST(!terminology.subsumes("http://far", "1", "2").has_value());
}

// Every set that a base resource binds as required must be decidable: these are errors when wrong.
BOOST_AUTO_TEST_CASE(every_required_binding_of_r4_can_be_decided) {
  const Definitions& r4 = Definitions::r4();
  const Terminology terminology{r4};
  std::set<std::string_view> sets;
  for (std::uint32_t id = 0; id < r4.types().definition_count(); ++id) {
    const ElementBinding* const binding = r4.types().field(id).element->binding;
    if (binding != nullptr && binding->strength == BindingStrength::required) {
      sets.insert(binding->value_set);
    }
  }
  BOOST_TEST(sets.size() > 200U);
  for (const std::string_view canonical : sets) {
    BOOST_TEST_CONTEXT(canonical) {
      const ValueSetMembers* const members = terminology.members(canonical);
      BOOST_REQUIRE(members != nullptr);
      BOOST_TEST((!members->concepts().empty() || !members->open_systems().empty()));
      for (const std::string_view system : members->open_systems()) {
        BOOST_TEST(terminology.knows_system(system));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(some_bindings_of_r4) {
  const Terminology terminology{Definitions::r4()};
  const auto ask = [&](std::string_view set, std::string_view code) {
    return terminology.validate("http://hl7.org/fhir/ValueSet/" + std::string{set}, {}, code)
        .membership;
  };
  BOOST_TEST((ask("flag-status|4.0.1", "active") == yes));
  BOOST_TEST((ask("flag-status|4.0.1", "Active") == no));
  BOOST_TEST((ask("mimetypes|4.0.1", "image/png") == yes));
  BOOST_TEST((ask("mimetypes|4.0.1", "png") == no));
  BOOST_TEST((ask("currencies|4.0.1", "GBP") == yes));
  BOOST_TEST((ask("all-languages", "cy-GB") == yes));
  BOOST_TEST((ask("resource-types|4.0.1", "Flag") == yes));
  BOOST_TEST((ask("resource-types|4.0.1", "HumanName") == no));
  BOOST_TEST((ask("all-types|4.0.1", "HumanName") == yes));
  BOOST_TEST(
      (terminology.validate("http://loinc.org/vs/LL379-9|4.0.1", "http://loinc.org", "LA6692-3")
           .membership == yes));
  BOOST_TEST((terminology.validate("http://loinc.org/vs/LL379-9", "http://loinc.org", "8302-2")
                  .membership == no));
}

BOOST_AUTO_TEST_CASE(many_threads_get_the_same_answers) {
  const Terminology terminology{Definitions::r4()};
  std::vector<std::thread> threads;
  std::vector<int> right(4, 0);
  for (std::size_t own = 0; own < right.size(); ++own) {
    threads.emplace_back([&, own] {
      for (const char* set : {"flag-status", "encounter-status", "administrative-gender"}) {
        const ValueSetMembers* const members =
            terminology.members("http://hl7.org/fhir/ValueSet/" + std::string{set});
        if (members != nullptr && members->concepts().size() > 2) ++right[own];
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const int count : right) BOOST_TEST(count == 3);
}

BOOST_AUTO_TEST_SUITE_END()
