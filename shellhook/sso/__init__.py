"""IAM Identity Center (AWS SSO): logging in, the files that the AWS CLI keeps of it, and what the portal gives."""
