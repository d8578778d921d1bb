#!/usr/bin/env bash
# compose.sh config   checks docker-compose.yml
# compose.sh up       brings the town up as containers and does one exchange through it; needs a running engine
set -euo pipefail
cd "$(dirname "$0")/.."
compose() { if docker compose version >/dev/null 2>&1; then docker compose "$@"; else docker-compose "$@"; fi; }

case "${1:-config}" in
  config)
    services=$(compose -f docker-compose.yml config --services | sort | tr '\n' ' ')
    echo "services: $services"
    for wanted in authority education gateway setup; do
      case " $services " in *" $wanted "*) ;; *) echo "docker-compose.yml lacks $wanted"; exit 1 ;; esac
    done ;;
  up)
    trap 'compose down -v' EXIT
    compose up --build -d
    compose run --rm ask ;;
esac
