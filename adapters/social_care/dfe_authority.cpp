#include "adapters/social_care/dfe_authority.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <set>

namespace cpis::social_care {
namespace {

// By code. Abolished ones are kept to say so.
constexpr DfeAuthority authorities[] = {
    {201, "City of London"},
    {202, "Camden"},
    {203, "Greenwich"},
    {204, "Hackney"},
    {205, "Hammersmith and Fulham"},
    {206, "Islington"},
    {207, "Kensington and Chelsea"},
    {208, "Lambeth"},
    {209, "Lewisham"},
    {210, "Southwark"},
    {211, "Tower Hamlets"},
    {212, "Wandsworth"},
    {213, "Westminster"},
    {301, "Barking and Dagenham"},
    {302, "Barnet"},
    {303, "Bexley"},
    {304, "Brent"},
    {305, "Bromley"},
    {306, "Croydon"},
    {307, "Ealing"},
    {308, "Enfield"},
    {309, "Haringey"},
    {310, "Harrow"},
    {311, "Havering"},
    {312, "Hillingdon"},
    {313, "Hounslow"},
    {314, "Kingston upon Thames"},
    {315, "Merton"},
    {316, "Newham"},
    {317, "Redbridge"},
    {318, "Richmond upon Thames"},
    {319, "Sutton"},
    {320, "Waltham Forest"},
    {330, "Birmingham"},
    {331, "Coventry"},
    {332, "Dudley"},
    {333, "Sandwell"},
    {334, "Solihull"},
    {335, "Walsall"},
    {336, "Wolverhampton"},
    {340, "Knowsley"},
    {341, "Liverpool"},
    {342, "St. Helens"},
    {343, "Sefton"},
    {344, "Wirral"},
    {350, "Bolton"},
    {351, "Bury"},
    {352, "Manchester"},
    {353, "Oldham"},
    {354, "Rochdale"},
    {355, "Salford"},
    {356, "Stockport"},
    {357, "Tameside"},
    {358, "Trafford"},
    {359, "Wigan"},
    {370, "Barnsley"},
    {371, "Doncaster"},
    {372, "Rotherham"},
    {373, "Sheffield"},
    {380, "Bradford"},
    {381, "Calderdale"},
    {382, "Kirklees"},
    {383, "Leeds"},
    {384, "Wakefield"},
    {390, "Gateshead"},
    {391, "Newcastle upon Tyne"},
    {392, "North Tyneside"},
    {393, "South Tyneside"},
    {394, "Sunderland"},
    {420, "Isles Of Scilly"},
    {800, "Bath and North East Somerset"},
    {801, "Bristol, City of"},
    {802, "North Somerset"},
    {803, "South Gloucestershire"},
    {805, "Hartlepool"},
    {806, "Middlesbrough"},
    {807, "Redcar and Cleveland"},
    {808, "Stockton-on-Tees"},
    {810, "Kingston upon Hull, City of"},
    {811, "East Riding of Yorkshire"},
    {812, "North East Lincolnshire"},
    {813, "North Lincolnshire"},
    {815, "North Yorkshire"},
    {816, "York"},
    {820, "Bedfordshire", true},
    {821, "Luton"},
    {822, "Bedford"},
    {823, "Central Bedfordshire"},
    {825, "Buckinghamshire"},
    {826, "Milton Keynes"},
    {830, "Derbyshire"},
    {831, "Derby"},
    {835, "Dorset", true},
    {836, "Poole", true},
    {837, "Bournemouth", true},
    {838, "Dorset"},
    {839, "Bournemouth, Christchurch and Poole"},
    {840, "County Durham"},
    {841, "Darlington"},
    {845, "East Sussex"},
    {846, "Brighton and Hove"},
    {850, "Hampshire"},
    {851, "Portsmouth"},
    {852, "Southampton"},
    {855, "Leicestershire"},
    {856, "Leicester"},
    {857, "Rutland"},
    {860, "Staffordshire"},
    {861, "Stoke-on-Trent"},
    {865, "Wiltshire"},
    {866, "Swindon"},
    {867, "Bracknell Forest"},
    {868, "Windsor and Maidenhead"},
    {869, "West Berkshire"},
    {870, "Reading"},
    {871, "Slough"},
    {872, "Wokingham"},
    {873, "Cambridgeshire"},
    {874, "Peterborough"},
    {875, "Cheshire", true},
    {876, "Halton"},
    {877, "Warrington"},
    {878, "Devon"},
    {879, "Plymouth"},
    {880, "Torbay"},
    {881, "Essex"},
    {882, "Southend-on-Sea"},
    {883, "Thurrock"},
    {884, "Herefordshire, County of"},
    {885, "Worcestershire"},
    {886, "Kent"},
    {887, "Medway"},
    {888, "Lancashire"},
    {889, "Blackburn with Darwen"},
    {890, "Blackpool"},
    {891, "Nottinghamshire"},
    {892, "Nottingham"},
    {893, "Shropshire"},
    {894, "Telford and Wrekin"},
    {895, "Cheshire East"},
    {896, "Cheshire West and Chester"},
    {901, "Avon", true},
    {902, "Bedfordshire", true},
    {903, "Berkshire", true},
    {904, "Buckinghamshire", true},
    {905, "Cambridgeshire", true},
    {906, "Cheshire", true},
    {907, "Cleveland", true},
    {908, "Cornwall"},
    {909, "Cumbria", true},
    {910, "Derbyshire", true},
    {911, "Devon", true},
    {912, "Dorset", true},
    {913, "Durham", true},
    {914, "East Sussex", true},
    {915, "Essex", true},
    {916, "Gloucestershire"},
    {917, "Hampshire", true},
    {918, "Hereford & Worcester", true},
    {919, "Hertfordshire"},
    {920, "Humberside", true},
    {921, "Isle of Wight"},
    {922, "Kent", true},
    {923, "Lancashire", true},
    {924, "Leicestershire", true},
    {925, "Lincolnshire"},
    {926, "Norfolk"},
    {927, "North Yorkshire", true},
    {928, "Northamptonshire", true},
    {929, "Northumberland"},
    {930, "Nottinghamshire", true},
    {931, "Oxfordshire"},
    {932, "Shropshire", true},
    {933, "Somerset"},
    {934, "Staffordshire", true},
    {935, "Suffolk"},
    {936, "Surrey"},
    {937, "Warwickshire"},
    {938, "West Sussex"},
    {939, "Wiltshire", true},
    {940, "North Northamptonshire"},
    {941, "West Northamptonshire"},
    {942, "Cumberland"},
    {943, "Westmorland and Furness"},
};
static_assert(std::is_sorted(std::begin(authorities), std::end(authorities),
                             [](const DfeAuthority& a, const DfeAuthority& b) {
                               return a.code < b.code;
                             }));

constexpr int training_first = 990;
constexpr int training_last = 999;

// Words that many councils have, and that tell nothing.
constexpr std::array<std::string_view, 15> common_words{
    "and", "borough", "city",  "council", "county", "district", "london", "metropolitan",
    "of",  "on",      "royal", "thames",  "the",    "upon",     "with"};
// Words that tell neighbours apart.
constexpr std::array<std::string_view, 6> directions{"central", "east", "north",
                                                     "south",   "west", "greater"};

bool is_in(const auto& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

struct Words {
  std::set<std::string, std::less<>> own, directions;
};

Words words_of(std::string_view name) {
  Words words;
  std::string word;
  const auto take = [&] {
    if (is_in(directions, word)) {
      words.directions.insert(word);
    } else if (!word.empty() && !is_in(common_words, word)) {
      words.own.insert(word);
    }
    word.clear();
  };
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0) {
      word += static_cast<char>(std::tolower(byte));
    } else if (c != '\'') {
      take();
    }
  }
  take();
  return words;
}

bool fits(std::string_view authority, std::string_view council) {
  const Words ours = words_of(authority);
  const Words theirs = words_of(council);
  // The City of London and others have no word of their own.
  if (ours.own.empty() || ours.directions != theirs.directions) return ours.own.empty();
  return std::any_of(ours.own.begin(), ours.own.end(), [&](const std::string& word) {
    return theirs.own.find(word) != theirs.own.end();
  });
}

std::optional<int> number_of(std::string_view code) {
  int number = 0;
  const auto [end, trouble] = std::from_chars(code.data(), code.data() + code.size(), number);
  const bool whole = trouble == std::errc{} && end == code.data() + code.size();
  return whole && code.size() == 3 && number > 0 ? std::optional{number} : std::nullopt;
}

}  // namespace

const DfeAuthority* find_dfe_authority(std::string_view code) {
  const auto number = number_of(code);
  if (!number) return nullptr;
  const auto* found =
      std::lower_bound(std::begin(authorities), std::end(authorities), *number,
                       [](const DfeAuthority& one, int wanted) { return one.code < wanted; });
  return found != std::end(authorities) && found->code == *number ? found : nullptr;
}

std::optional<std::string> refuse_dfe_code(std::string_view code, std::string_view council_name) {
  const auto number = number_of(code);
  if (!number) return "is not three digits";
  if (*number >= training_first && *number <= training_last) return std::nullopt;
  const DfeAuthority* authority = find_dfe_authority(code);
  if (authority == nullptr) return "no authority has this code";
  const std::string name{authority->name};
  if (authority->abolished) return "is the code of " + name + ", an authority that is no more";
  if (!fits(authority->name, council_name)) {
    return "is the code of " + name + "; the council is named otherwise";
  }
  return std::nullopt;
}

}  // namespace cpis::social_care
