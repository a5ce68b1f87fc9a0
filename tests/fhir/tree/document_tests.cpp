#include "fhir/tree/document.h"

#include <boost/test/unit_test.hpp>
#include <string>
#include <utility>
#include <vector>

using namespace cpis::fhir;

BOOST_AUTO_TEST_SUITE(document_tests)

namespace {

Document patient() {
  Document document;
  Element& root = document.set_root("Patient");
  document.append(root, "active", "true", Kind::boolean);
  Element& name = document.append_item(root, "name");
  document.append(name, "family", "Example");
  document.append_item(name, "given", "Ann");
  document.append_item(name, "given", "Bea");
  document.append(root, "birthDate", "2019-02-03");
  return document;
}

std::vector<std::string> names_below(const Element& parent) {
  std::vector<std::string> names;
  for (const Element& child : parent.children()) names.emplace_back(child.name());
  return names;
}

std::string givens(const Element& root) {
  std::string all;
  for (const Element& given : root.first("name")->children("given")) {
    all += std::string{given.value()} + std::to_string(given.index()) + " ";
  }
  return all;
}

}  // namespace

BOOST_AUTO_TEST_CASE(keeps_children_in_the_order_they_were_added) {
  const Document document = patient();
  const std::vector<std::string> want{"active", "name", "birthDate"};
  const auto got = names_below(document.root());
  BOOST_TEST(got == want, boost::test_tools::per_element());
  BOOST_TEST(document.root().resource_type() == "Patient");
  BOOST_TEST(document.root().value().empty());
  BOOST_TEST(givens(document.root()) == "Ann0 Bea1 ");
}

BOOST_AUTO_TEST_CASE(puts_a_repeated_element_beside_its_siblings) {
  Document document = patient();
  Element& second = document.append_item(document.root(), "name");
  BOOST_TEST(second.index() == 1U);
  BOOST_TEST(second.next()->name() == "birthDate");
  BOOST_TEST(document.root().count("name") == 2U);
}

BOOST_AUTO_TEST_CASE(gives_the_path_of_an_element_with_an_index_where_it_repeats) {
  Document document = patient();
  const Element& name = *document.root().first("name");
  BOOST_TEST(path_of(*name.last_child()) == "Patient.name[0].given[1]");
  BOOST_TEST(path_of(*name.first("family")) == "Patient.name[0].family");
  BOOST_TEST(path_of(document.root()) == "Patient");

  Document bundle;
  Element& entry = bundle.append_item(bundle.set_root("Bundle"), "entry");
  Element& inner = bundle.clone(entry, document.root(), "resource");
  BOOST_TEST(path_of(*inner.first("birthDate")) == "Bundle.entry[0].resource.birthDate");
  BOOST_TEST(inner.resource_type() == "Patient");
  BOOST_TEST(inner.first("birthDate")->enclosing_resource() == &inner);
  BOOST_TEST(&inner.root() == &bundle.root());
}

BOOST_AUTO_TEST_CASE(a_copy_is_independent_of_its_source) {
  Document copy;
  {
    const Document document = patient();
    copy.clone_root(document.root());
    BOOST_TEST(same_content(copy.root(), document.root()));
  }
  BOOST_TEST(givens(copy.root()) == "Ann0 Bea1 ");
  copy.set(copy.root(), "birthDate", "2020-01-01");
  BOOST_TEST(!same_content(copy.root(), patient().root()));
}

BOOST_AUTO_TEST_CASE(a_copy_can_be_a_view_of_its_source) {
  const Document document = patient();
  Document copy;
  copy.set_root("Patient");
  for (const Element& child : document.root().children()) copy.clone_view(copy.root(), child);
  BOOST_TEST(same_content(copy.root(), document.root()));
  BOOST_TEST(copy.root().first("birthDate")->value().data() ==
             document.root().first("birthDate")->value().data());
  copy.set(copy.root(), "birthDate", "2020-01-01");
  BOOST_TEST(same_content(document.root(), patient().root()));
}

BOOST_AUTO_TEST_CASE(an_element_can_be_copied_below_itself) {
  Document document = patient();
  const std::string before = givens(document.root());
  document.clone(document.root(), document.root(), "contained");
  BOOST_TEST(givens(document.root()) == before);
  BOOST_TEST(givens(*document.root().first("contained")) == before);
  BOOST_TEST(document.root().first("contained")->first("contained") == nullptr);
}

BOOST_AUTO_TEST_CASE(removing_renumbers_the_siblings_that_stay) {
  Document document = patient();
  Element& name = document.edit(*document.root().first("name"));
  document.remove(document.edit(*name.first("given")));
  BOOST_TEST(givens(document.root()) == "Bea0 ");
  document.remove_all(name, "given");
  BOOST_TEST(name.last_child()->name() == "family");
  document.remove(document.edit(*name.first("family")));
  BOOST_TEST(!name.has_children());
  BOOST_TEST((name.last_child() == nullptr));
}

BOOST_AUTO_TEST_CASE(items_are_inserted_and_moved_to_a_place) {
  Document document = patient();
  Element& name = document.edit(*document.root().first("name"));
  Element& first = document.insert(name, "given", 0);
  document.set_value(first, "Zoe");
  BOOST_TEST(givens(document.root()) == "Zoe0 Ann1 Bea2 ");
  document.move(first, 1);
  BOOST_TEST(givens(document.root()) == "Ann0 Zoe1 Bea2 ");
  document.move(first, 9);
  BOOST_TEST(givens(document.root()) == "Ann0 Bea1 Zoe2 ");
  BOOST_TEST(name.last_child() == &first);
  BOOST_TEST(name.first_child()->name() == "family");
}

BOOST_AUTO_TEST_CASE(finds_a_choice_by_its_base_name_and_nothing_that_only_starts_alike) {
  Document document;
  Element& root = document.set_root("Observation");
  document.append(root, "valueset", "no");
  document.append(root, "value", "no");
  BOOST_TEST((root.choice("value") == nullptr));
  document.append(root, "valueString", "yes");
  BOOST_TEST(root.choice("value")->value() == "yes");
}

BOOST_AUTO_TEST_CASE(an_element_can_become_the_root) {
  Document document = patient();
  document.reroot(document.edit(*document.root().first("name")));
  BOOST_TEST(document.root().name() == "name");
  BOOST_TEST((document.root().parent() == nullptr));
  BOOST_TEST((document.root().next() == nullptr));
  BOOST_TEST(document.root().value_of("family") == "Example");
}

BOOST_AUTO_TEST_CASE(a_null_has_no_value_and_an_empty_string_has_one) {
  Document document;
  Element& root = document.set_root("Patient");
  const Element& null = document.append(root, "a", {}, Kind::null);
  const Element& empty = document.append(root, "b", "");
  BOOST_TEST(!null.has_value());
  BOOST_TEST(null.primitive());
  BOOST_TEST(empty.has_value());
  BOOST_TEST(!same_content(null, empty));
}

BOOST_AUTO_TEST_CASE(views_survive_a_move_of_the_document) {
  Document document;
  const std::string_view source = document.adopt("x1");
  Element& root = document.set_root("Patient");
  document.link(root, source, source.substr(1), Kind::string, 0);
  Document moved = std::move(document);
  document = Document{};
  BOOST_TEST(moved.root().value_of("x1") == "1");
  BOOST_TEST(document.empty());
}

BOOST_AUTO_TEST_CASE(a_cleared_document_starts_anew_with_the_memory_it_has) {
  Document document;
  Element& root = document.set_root("Bundle");
  for (int i = 0; i < 2000; ++i) document.link(root, "entry", {}, Kind::complex, 0);
  document.clear();
  BOOST_TEST(document.empty());
  const std::size_t held = document.memory();
  Element& again = document.set_root("Bundle");
  for (int i = 0; i < 100; ++i) document.link(again, "entry", {}, Kind::complex, 0);
  BOOST_TEST(document.memory() == held);
  BOOST_TEST(document.root().count("entry") == 100U);
}

BOOST_AUTO_TEST_CASE(an_annotation_and_a_place_do_not_change_the_content) {
  Document document = patient();
  const Element& root = document.root();
  BOOST_TEST(root.definition() == no_annotation);
  document.annotate(root, 7, 9);
  document.place(document.root(), 3, 4);
  BOOST_TEST(root.definition() == 7U);
  BOOST_TEST(root.type() == 9U);
  BOOST_TEST(root.line() == 3U);
  BOOST_TEST(root.column() == 4U);
  BOOST_TEST(same_content(root, patient().root()));
}

BOOST_AUTO_TEST_CASE(a_long_value_gets_its_own_block) {
  Document document;
  Element& root = document.set_root("Binary");
  const std::string large(std::size_t{9} * 1024 * 1024, 'A');
  document.set(root, "data", large);
  document.set(root, "contentType", "text/plain");
  BOOST_TEST(root.value_of("data").size() == large.size());
  BOOST_TEST(root.value_of("contentType") == "text/plain");
}

BOOST_AUTO_TEST_SUITE_END()
