const { keeptraceMatchers } = require('keeptrace/testing');

expect.extend(keeptraceMatchers);
