// Owns the trace header that Lambda gives a function with each of its calls, of which the AWS SDK sends it on by itself.

/** Within Lambda, the platform's own header: its `Lineage` stops a function that calls itself. */
export function platformHeader(): string | undefined {
  return process.env.AWS_LAMBDA_FUNCTION_NAME === undefined ? undefined : process.env._X_AMZN_TRACE_ID;
}
