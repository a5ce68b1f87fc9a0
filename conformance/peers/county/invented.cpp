#include "conformance/peers/county/invented.h"

#include <array>
#include <stdexcept>
#include <string>
#include <string_view>

namespace cpis::county {
namespace {

constexpr std::uint64_t bodies = 1'000'000;  // six digits after 999

constexpr std::array<std::string_view, 24> girls{
    "Adelphine", "Brisa",    "Calla",  "Damaris", "Elowen",  "Fenella", "Ginevra", "Hespera",
    "Isaura",    "Jorunn",   "Keziah", "Lorelai", "Mirabel", "Nerys",   "Oriana",  "Perpetua",
    "Quilla",    "Rosmerta", "Saffi",  "Tamsin",  "Undine",  "Verity",  "Winsome", "Zephyra"};
constexpr std::array<std::string_view, 24> boys{
    "Alaric",  "Bertram", "Corin",  "Dorian",  "Evander", "Fabian",  "Garrick", "Hamlin",
    "Ivo",     "Jago",    "Kester", "Leander", "Merrick", "Nestor",  "Orlin",   "Piran",
    "Quillon", "Roderic", "Silvan", "Tobin",   "Ulric",   "Valerio", "Wystan",  "Yestin"};
constexpr std::array<std::string_view, 28> places{
    "Ash",     "Birch",   "Bramble", "Cedar",  "Clover", "Crow",    "Dapple",
    "Elder",   "Fern",    "Fox",     "Gorse",  "Hazel",  "Heather", "Ivy",
    "Juniper", "Kestrel", "Larch",   "Linden", "Maple",  "Moss",    "Nettle",
    "Oak",     "Otter",   "Pebble",  "Rowan",  "Sorrel", "Thistle", "Willow"};
constexpr std::array<std::string_view, 20> endings{
    "acre",  "beck", "bourne", "brook", "combe", "croft", "dale", "den",   "field",  "fold",
    "garth", "ham",  "hurst",  "ley",   "mere",  "ridge", "shaw", "stead", "thorpe", "wick"};

template <std::size_t n>
std::string_view pick(const std::array<std::string_view, n>& from, Dice& dice) {
  return from[static_cast<std::size_t>(dice.below(static_cast<int>(n)))];
}

}  // namespace

std::uint64_t Dice::next() {
  state_ += 0x9E3779B97F4A7C15U;
  std::uint64_t z = state_;
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
  return z ^ (z >> 31U);
}

NhsNumber TestNumbers::next() {
  while (++body_ < bodies) {
    const std::uint64_t first_nine = 999 * bodies + body_;
    int sum = 0;
    std::uint64_t rest = first_nine;
    for (int weight = 2; weight <= 10; ++weight) {
      sum += static_cast<int>(rest % 10) * weight;
      rest /= 10;
    }
    const int check = (11 - sum % 11) % 11;
    if (check == 10) continue;
    const auto number = NhsNumber::from_value(first_nine * 10 + static_cast<std::uint64_t>(check));
    if (number) return *number;
  }
  throw std::length_error("the test range of NHS numbers is used up");
}

PersonName invented_name(Dice& dice, bool female) {
  std::string given{female ? pick(girls, dice) : pick(boys, dice)};
  if (dice.chance(40)) given.append(" ").append(female ? pick(girls, dice) : pick(boys, dice));
  std::string family{pick(places, dice)};
  family.append(pick(endings, dice));
  return {std::move(given), std::move(family)};
}

}  // namespace cpis::county
