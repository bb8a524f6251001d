#!/usr/bin/env bash
# One change on its way: from a branch to a plan under it, from the approval to its apply, and the nights after.
#
# Every job runs on a machine that has nothing but a checkout and is gone when the job ends: the state is where
# SFDD_STATE says. SANDBOX is where `sfdd sandbox serve` answers, with the variables that it prints exported;
# GITHUB_API_URL and GITHUB_TOKEN are the code host's, and PLATFORM is the command that plays the person there.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
repository=$work/repository

say() { printf '\n== %s\n' "$*"; }
stop() { printf 'walk: %s\n' "$*" >&2; exit 1; }
platform() { $PLATFORM "$@"; }
hand() { sfdd sandbox edit "$@" --world "$SANDBOX" >&2; }

commit() { # TEXT: all that changed
  git -C "$repository" add -A
  git -C "$repository" commit --quiet --message "$1"
  git -C "$repository" rev-parse HEAD
}

job() { # EVENT COMMIT PAYLOAD COMMAND…: on a machine of its own
  local event=$1 commit=$2 payload=$3 machine code=0
  shift 3
  machine=$(mktemp -d -p "$work")
  git clone --quiet "$repository" "$machine/checkout"
  git -C "$machine/checkout" checkout --quiet --detach "$commit"
  printf '%s' "$payload" > "$machine/event.json"
  (
    cd "$machine/checkout"
    export GITHUB_EVENT_NAME=$event GITHUB_SHA=$commit GITHUB_EVENT_PATH=$machine/event.json
    export GITHUB_WORKSPACE=$machine/checkout RUNNER_TEMP=$machine GITHUB_REF=refs/heads/main
    export GITHUB_OUTPUT=$machine/output GITHUB_STEP_SUMMARY=$machine/summary
    "$@"
  ) || code=$?
  cp "$machine/summary" "$work/summary" 2>/dev/null || true
  for file in "$machine"/*.sfddplan; do # what the workflow keeps as an artifact
    [ -e "$file" ] && cp "$file" "$work/"
  done
  rm -rf "$machine"
  return "$code"
}

planned() { # NUMBER COMMIT: the pull request's job, and its artifact
  local base
  base=$(git -C "$repository" rev-parse main)
  platform open "$1" "$2" "$base"
  job pull_request "$2" '{"pull_request": {"number": '"$1"', "head": {"sha": "'"$2"'"}, "base": {"sha": "'"$base"'"}}}' \
    sfdd ci plan -C config
  platform planned "$2" "sfdd-plan-config-$2" "$work/sfdd-plan-config-$2.sfddplan"
}

merged() { # NUMBER BRANCH: returns what the apply of the merge returns
  git -C "$repository" checkout --quiet main
  git -C "$repository" merge --quiet --no-ff --message "Merge #$1" "$2"
  local merge
  merge=$(git -C "$repository" rev-parse HEAD)
  platform merge "$1" "$merge"
  job push "$merge" '{}' sfdd ci apply -C config
}

expect() { # CODE COMMAND…
  local wanted=$1 code=0
  shift
  "$@" || code=$?
  [ "$code" = "$wanted" ] || stop "$* ended with $code instead of $wanted"
}

say "The repository, and a state that outlives every machine"
git init --quiet --initial-branch main "$repository"
git -C "$repository" config user.name walk
git -C "$repository" config user.email walk@example.com
cp -r "$here/config" "$repository/config"
first=$(commit "Declare the spring launch")
job workflow_dispatch "$first" '{}' sfdd state init -C config
job workflow_dispatch "$first" '{}' sfdd apply -C config --auto-approve

say "A branch: one direction changes, one link is new"
for person in 0 1 2 3 4; do
  hand salesforce Contact "buyer$person@example.com" Title="Head of $person"
done
git -C "$repository" checkout --quiet -b summer
sed -i.old 's/direction: two_way/direction: salesforce_to_dotdigital/' "$repository/config/sfdd.yaml"
rm "$repository/config/sfdd.yaml.old"
cat > "$repository/config/summer.yaml" <<'YAML'
campaigns:
  summer:
    name: Summer launch
    members: {contacts: {where: "Department = 'Buyers'"}}
address_books:
  summer: {name: Summer book}
links:
  - {campaign: summer, address_book: summer}
YAML
head=$(commit "Launch in summer, and keep titles in Salesforce")
planned 1 "$head"
platform comment 1

say "Approved; meanwhile three people are edited by hand, and one opts out"
for person in 0 1 2; do
  hand salesforce Contact "buyer$person@example.com" Title="Chief of $person"
done
hand salesforce Contact buyer5@example.com HasOptedOutOfEmail=true

say "The merge carries out what was approved, and says who waits"
expect 0 merged 1 summer
platform comment 1

say "Another change is approved; meanwhile somebody turns a direction round by hand"
git -C "$repository" checkout --quiet -b autumn main
sed -i.old 's/name: Summer launch/name: Summer launch 2/; s/name: Summer book/name: Summer book 2/' "$repository/config/summer.yaml"
rm "$repository/config/summer.yaml.old"
head=$(commit "Call summer by its second name")
planned 2 "$head"
hand salesforce SFDD_Field_Mapping__c "contacts: FirstName / FIRSTNAME" Direction__c=two_way
expect 3 merged 2 autumn
platform comment 2

say "Planned again, with the hand edit in sight, and applied"
git -C "$repository" checkout --quiet -b again main
printf '# looked at again\n' >> "$repository/config/summer.yaml"
head=$(commit "Plan again")
planned 3 "$head"
platform comment 3
expect 0 merged 3 again

say "A night: somebody turned it round once more"
main=$(git -C "$repository" rev-parse main)
hand salesforce SFDD_Field_Mapping__c "contacts: FirstName / FIRSTNAME" Direction__c=two_way
job schedule "$main" '{}' sfdd ci drift -C config
platform issues

say "The next night it is as it was"
hand salesforce SFDD_Field_Mapping__c "contacts: FirstName / FIRSTNAME" Direction__c=salesforce_to_dotdigital
job schedule "$main" '{}' sfdd ci drift -C config
platform issues
