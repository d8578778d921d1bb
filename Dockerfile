# One image per program: docker build --build-arg PROGRAM=Gateway .
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
ARG PROGRAM
WORKDIR /source
COPY . .
# The licensed engine is asked for by name and by nothing else (src/Authority.Duende/README.md).
RUN dotnet publish "src/$PROGRAM/$PROGRAM.csproj" -c Release -o /program -p:UseAppHost=false $( [ "$PROGRAM" = Authority.Duende ] && echo -p:WithDuende=true )

FROM mcr.microsoft.com/dotnet/aspnet:10.0
ARG PROGRAM
ENV PROGRAM=$PROGRAM DOTNET_EnableDiagnostics=0 DOTNET_gcServer=0
WORKDIR /program
COPY --from=build /program .
COPY contracts /program/contracts
# The town volume is made by whoever writes it first, with this user as owner.
RUN mkdir /town && chown app /town
USER app
ENTRYPOINT ["/bin/sh", "-c", "exec dotnet \"/program/$PROGRAM.dll\" \"$@\"", "--"]
