// The app starts tracing by itself. In tests it is to send nothing anywhere, and to say nothing.
process.env.OTEL_TRACES_EXPORTER = 'none';
process.env.OTEL_LOG_LEVEL = 'error';
// A busy machine makes nothing slow but what the app's own routes say.
process.env.KEEPTRACE_SLOW_MS = 'off';
